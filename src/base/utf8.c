/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

#include "base/buf.h"

static int32_t bad(size_t *ret_len)
{
	*ret_len = 1;
	return -1;
}

int32_t utf8_next(const char *s, size_t len, size_t *ret_len)
{
	static const int32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char c = (unsigned char)s[0];
	size_t n = c < 0x80 ? 1 : c >= 0xf8 ? 0 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 0;

	if (n == 0 || n > len)
		return bad(ret_len);
	int32_t cp = n == 1 ? c : c & (0x7f >> n);

	for (size_t i = 1; i < n; i++) {
		unsigned char d = (unsigned char)s[i];

		if ((d & 0xc0) != 0x80)
			return bad(ret_len);
		cp = cp << 6 | (d & 0x3f);
	}
	if (cp < smallest[n] || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return bad(ret_len);
	*ret_len = n;
	return cp;
}

bool utf8_is_xml(int32_t cp)
{
	if (cp < 0x20)
		return cp == '\t' || cp == '\n' || cp == '\r';
	return cp <= 0xd7ff || (cp >= 0xe000 && cp <= 0xfffd) || (cp >= 0x10000 && cp <= 0x10ffff);
}

void utf8_add(struct buf *out, uint32_t cp)
{
	if (cp < 0x80) {
		buf_addch(out, (char)cp);
		return;
	}
	int more = cp < 0x800 ? 1 : cp < 0x10000 ? 2 : 3;

	buf_addch(out, (char)((0xff00 >> (more + 1) & 0xff) | cp >> (6 * more)));
	while (more-- > 0)
		buf_addch(out, (char)(0x80 | (cp >> (6 * more) & 0x3f)));
}
