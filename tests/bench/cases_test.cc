// CASES cases in one GoogleTest program, 5,000 if the environment asks for no other number; each works
// WORK_US microseconds, 0 if it asks for none.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <string>

class Trivial : public testing::Test {
public:
	void TestBody() override
	{
		const auto until = std::chrono::steady_clock::now() + work;

		EXPECT_EQ(2, 1 + 1);
		while (std::chrono::steady_clock::now() < until)
			;
	}
	static std::chrono::microseconds work;
};

std::chrono::microseconds Trivial::work;

int main(int argc, char **argv)
{
	const char *text = std::getenv("CASES");
	const int n = text ? std::atoi(text) : 5000;

	if (const char *us = std::getenv("WORK_US"))
		Trivial::work = std::chrono::microseconds(std::atoi(us));

	for (int i = 0; i < n; i++)
		testing::RegisterTest(("Suite" + std::to_string(i / 50)).c_str(),
				      ("case" + std::to_string(i)).c_str(), nullptr, nullptr, __FILE__,
				      i + 1, []() -> testing::Test * { return new Trivial; });
	testing::InitGoogleTest(&argc, argv);
	return RUN_ALL_TESTS();
}
