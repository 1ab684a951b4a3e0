// GoogleTest: typed tests, and parameters with names of their own.
#include "intern.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>

// Keys come as C strings, as std::string, as std::string_view: the table sees the same bytes.
template <typename T> class Key : public testing::Test
{
      protected:
	void SetUp() override
	{
		table = intern_new();
	}
	void TearDown() override
	{
		intern_free(table);
	}
	const char *put(const char *s)
	{
		std::string_view bytes = T(s);

		return intern_bytes(table, bytes.data(), bytes.size());
	}
	struct intern *table = nullptr;
};

using KeyTypes = testing::Types<const char *, std::string_view>;
TYPED_TEST_SUITE(Key, KeyTypes);

TYPED_TEST(Key, IsCopied)
{
	char s[] = "flour";
	const char *kept = this->put(s);

	s[0] = 'F';
	EXPECT_STREQ(kept, "flour");
}

TYPED_TEST(Key, StaysWhereItIs)
{
	const char *first = this->put("salt");

	for (int i = 0; i < 1000; i++)
		this->put(std::to_string(i).c_str());
	EXPECT_EQ(this->put("salt"), first);
	EXPECT_EQ(intern_count(this->table), 1001u);
}

struct Named {
	const char *name;
	std::string bytes;
};

// Without this the names would hold addresses, and change with every start.
static void PrintTo(const Named &n, std::ostream *os)
{
	*os << n.name;
}

class Bytes : public testing::TestWithParam<Named>
{
};

TEST_P(Bytes, ComeBackAsTheyWere)
{
	struct intern *table = intern_new();
	const std::string &in = GetParam().bytes;
	const char *out = intern_bytes(table, in.data(), in.size());

	EXPECT_EQ(std::string(out, in.size()), in);
	EXPECT_EQ(out[in.size()], '\0');
	EXPECT_EQ(intern_bytes(table, in.data(), in.size()), out);
	intern_free(table);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Bytes,
			 testing::Values(Named{ "Empty", "" }, Named{ "Text", "sugar" },
					 Named{ "Utf8", "cr\xc3\xa8me br\xc3\xbbl\xc3\xa9"
							"e" },
					 Named{ "Nul", std::string("a\0b", 3) },
					 Named{ "High", "\xff\xfe\x80" }),
			 [](const auto &info) { return info.param.name; });
