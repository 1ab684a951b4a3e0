// CASES trivial cases in one GoogleTest program; the environment may ask for another number.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

class Trivial : public testing::Test {
public:
	void TestBody() override { EXPECT_EQ(2, 1 + 1); }
};

int main(int argc, char **argv)
{
	const char *text = std::getenv("CASES");
	const int n = text ? std::atoi(text) : 5000;

	for (int i = 0; i < n; i++)
		testing::RegisterTest(("Suite" + std::to_string(i / 50)).c_str(),
				      ("case" + std::to_string(i)).c_str(), nullptr, nullptr, __FILE__,
				      i + 1, []() -> testing::Test * { return new Trivial; });
	testing::InitGoogleTest(&argc, argv);
	return RUN_ALL_TESTS();
}
