/* SPDX-License-Identifier: MIT
 *
 * A pickle is a program for a small machine with a stack: an opcode, what belongs to it, the next.
 *
 *   80 04            protocol 4               5d        push []
 *   8c 02 'o' 'k'    push "ok"                94        remember the top as the next number
 *   28 .. .. 65      what came since '(' goes into the list below it
 *   8c.. 8c.. 93     push the class of this module and name
 *   29 81            push an object of this class; 62: what is on top are its attributes
 *   2e               what is on top is the whole
 */
#include "format/pickle.h"

#include "base/alloc.h"
#include "base/err.h"

struct values {
	struct pickle_value **items;
	size_t n, cap;
};

struct machine {
	const unsigned char *begin, *at, *end;
	const char *path;
	struct arena *mem;
	struct values stack, memo;
	size_t *marks; /* how high the stack was at each '(' that is open */
	size_t nmarks, cap_marks;
	struct err *reterr;
	bool has_failed;
};

static void fail(struct machine *m, const char *what)
{
	if (!m->has_failed)
		err_set(m->reterr, ERR_SYNTAX, m->path, 0, "not a pickle: %s at byte %zu", what,
			(size_t)(m->at - m->begin));
	m->has_failed = true;
}

static void push(struct values *v, struct pickle_value *value)
{
	if (v->n == v->cap) {
		v->cap = v->cap ? v->cap * 2 : 16;
		v->items = xrealloc(v->items, v->cap, sizeof(void *));
	}
	v->items[v->n++] = value;
}

static struct pickle_value *new_value(struct machine *m, enum pickle_kind kind)
{
	struct pickle_value *v = arena_alloc(m->mem, 1, sizeof *v);

	v->kind = kind;
	v->text = "";
	return v;
}

static void push_new(struct machine *m, enum pickle_kind kind)
{
	push(&m->stack, new_value(m, kind));
}

/* What is on top, which belongs to the innermost '(' or to nobody; NULL: nothing is. */
static struct pickle_value *pop(struct machine *m)
{
	size_t floor = m->nmarks > 0 ? m->marks[m->nmarks - 1] : 0;

	if (m->stack.n <= floor) {
		fail(m, "nothing on the stack");
		return NULL;
	}
	return m->stack.items[--m->stack.n];
}

static struct pickle_value *top(struct machine *m)
{
	struct pickle_value *v = pop(m);

	if (v)
		m->stack.n++;
	return v;
}

/* --- what belongs to an opcode -------------------------------------------------------------- */

static const unsigned char *take(struct machine *m, uint64_t n)
{
	const unsigned char *s = m->at;

	if (n > (uint64_t)(m->end - m->at)) {
		fail(m, "the file ends too early");
		return NULL;
	}
	m->at += n;
	return s;
}

/* A number of n bytes, the least first. */
static uint64_t take_number(struct machine *m, unsigned n)
{
	const unsigned char *s = take(m, n);
	uint64_t value = 0;

	for (unsigned i = n; s && i > 0; i--)
		value = value << 8 | s[i - 1];
	return value;
}

static void push_number(struct machine *m, int64_t n)
{
	push_new(m, PICKLE_NUMBER);
	m->stack.items[m->stack.n - 1]->number = n;
}

static void push_bool(struct machine *m, bool is)
{
	push_new(m, PICKLE_BOOL);
	m->stack.items[m->stack.n - 1]->number = is;
}

/* str of as many bytes as the number of `size` bytes says. */
static void push_text(struct machine *m, unsigned size)
{
	uint64_t len = take_number(m, size);
	const unsigned char *s = take(m, len);

	if (!s)
		return;
	bool has_nul = memchr(s, '\0', (size_t)len) != NULL;

	push_new(m, has_nul ? PICKLE_OTHER : PICKLE_TEXT);
	if (!has_nul)
		m->stack.items[m->stack.n - 1]->text = arena_memdup(m->mem, s, (size_t)len);
}

static void push_other(struct machine *m, uint64_t nbytes)
{
	if (take(m, nbytes))
		push_new(m, PICKLE_OTHER);
}

/* A whole number of up to 8 bytes, with its sign. */
static void push_long(struct machine *m)
{
	unsigned n = (unsigned)take_number(m, 1);

	if (n > 8) {
		push_other(m, n);
		return;
	}
	uint64_t value = take_number(m, n);

	if (n > 0 && n < 8 && value >> (8 * n - 1))
		value |= UINT64_MAX << 8 * n;
	push_number(m, (int64_t)value);
}

/* "module\nname\n" */
static const unsigned char *take_line(struct machine *m, size_t *len)
{
	const unsigned char *nl = memchr(m->at, '\n', (size_t)(m->end - m->at));
	const unsigned char *s = m->at;

	if (!nl) {
		fail(m, "a line without an end");
		return NULL;
	}
	*len = (size_t)(nl - s);
	m->at = nl + 1;
	return s;
}

static void push_class_lines(struct machine *m)
{
	size_t len = 0;
	const unsigned char *s = take_line(m, &len);

	s = s ? take_line(m, &len) : NULL;
	if (!s)
		return;
	push_new(m, PICKLE_CLASS);
	m->stack.items[m->stack.n - 1]->text = arena_memdup(m->mem, s, len);
}

/* --- lists, dicts, objects ------------------------------------------------------------------ */

static void add_item(struct machine *m, struct pickle_value *to, struct pickle_value *item)
{
	if (to->nitems == to->cap_items) {
		size_t cap = to->cap_items ? to->cap_items * 2 : 4;
		struct pickle_value **items = arena_alloc(m->mem, cap, sizeof(void *));

		if (to->nitems > 0)
			memcpy(items, to->items, to->nitems * sizeof(void *));
		to->items = items;
		to->cap_items = cap;
	}
	to->items[to->nitems++] = item;
}

/* Where on the stack what came since the innermost '(' begins; SIZE_MAX: none is open. */
static size_t close_mark(struct machine *m)
{
	if (m->nmarks == 0) {
		fail(m, "no mark");
		return SIZE_MAX;
	}
	return m->marks[--m->nmarks];
}

static void open_mark(struct machine *m)
{
	GROW(m->marks, m->nmarks, m->cap_marks);
	m->marks[m->nmarks++] = m->stack.n;
}

/* The stack from `first` on becomes one value. */
static void collect(struct machine *m, enum pickle_kind kind, size_t first)
{
	struct pickle_value *v = new_value(m, kind);

	for (size_t i = first; i < m->stack.n; i++)
		add_item(m, v, m->stack.items[i]);
	m->stack.n = first;
	push(&m->stack, v);
}

static void collect_marked(struct machine *m, enum pickle_kind kind)
{
	size_t first = close_mark(m);

	if (first != SIZE_MAX)
		collect(m, kind, first);
}

static void collect_last(struct machine *m, size_t n)
{
	size_t floor = m->nmarks > 0 ? m->marks[m->nmarks - 1] : 0;

	if (m->stack.n < floor + n)
		fail(m, "nothing on the stack");
	else
		collect(m, PICKLE_LIST, m->stack.n - n);
}

/* The stack from `first` on goes into the value below. */
static void add_to_below(struct machine *m, size_t first)
{
	size_t n = m->stack.n;

	if (first == SIZE_MAX)
		return;
	m->stack.n = first;
	struct pickle_value *to = top(m);

	for (size_t i = first; to && i < n; i++)
		add_item(m, to, m->stack.items[i]);
}

static void add_last(struct machine *m, size_t n)
{
	if (m->stack.n < n)
		fail(m, "nothing on the stack");
	else
		add_to_below(m, m->stack.n - n);
}

static void push_class(struct machine *m)
{
	const struct pickle_value *name = pop(m);

	if (!pop(m))
		return;
	push_new(m, PICKLE_CLASS);
	m->stack.items[m->stack.n - 1]->text = name->text;
}

/* Made by calling something: what that would give is only known for classes, which it mostly is. */
static void push_object(struct machine *m, unsigned nvalues)
{
	struct pickle_value *class = NULL;

	for (unsigned i = 0; i < nvalues; i++)
		class = pop(m);
	if (!class)
		return;
	push_new(m, PICKLE_OBJECT);
	m->stack.items[m->stack.n - 1]->class = class;
}

static void set_attributes(struct machine *m)
{
	struct pickle_value *attributes = pop(m);
	struct pickle_value *object = top(m);

	if (object)
		object->attributes = attributes;
}

/* --- what is remembered --------------------------------------------------------------------- */

static void put(struct machine *m, uint64_t number)
{
	struct pickle_value *v = top(m);

	/* as many as there are bytes at most: each needs an opcode */
	if (!v || number >= (uint64_t)(m->end - m->begin)) {
		fail(m, "a number out of range");
		return;
	}
	while (m->memo.n <= number)
		push(&m->memo, NULL);
	m->memo.items[number] = v;
}

static void get(struct machine *m, uint64_t number)
{
	if (number >= m->memo.n || !m->memo.items[number])
		fail(m, "a number that stands for nothing");
	else
		push(&m->stack, m->memo.items[number]);
}

/* --- opcodes -------------------------------------------------------------------------------- */

/* Numbers and text; false: it is another kind of opcode. */
static bool step_scalar(struct machine *m, unsigned char op)
{
	switch (op) {
	case 'N':
		push_new(m, PICKLE_NONE);
		return true;
	case 0x88: /* NEWTRUE, NEWFALSE */
	case 0x89:
		push_bool(m, op == 0x88);
		return true;
	case 'J': /* BININT, BININT1, BININT2, LONG1 */
		push_number(m, (int32_t)take_number(m, 4));
		return true;
	case 'K':
		push_number(m, (int64_t)take_number(m, 1));
		return true;
	case 'M':
		push_number(m, (int64_t)take_number(m, 2));
		return true;
	case 0x8a:
		push_long(m);
		return true;
	case 0x8b: /* LONG4 */
		push_other(m, take_number(m, 4));
		return true;
	case 'G': /* BINFLOAT */
		push_other(m, 8);
		return true;
	case 0x8c: /* str: SHORT_BINUNICODE, BINUNICODE, BINUNICODE8 */
		push_text(m, 1);
		return true;
	case 'X':
		push_text(m, 4);
		return true;
	case 0x8d:
		push_text(m, 8);
		return true;
	case 'C': /* bytes: SHORT_BINBYTES, BINBYTES, BINBYTES8, BYTEARRAY8 */
		push_other(m, take_number(m, 1));
		return true;
	case 'B':
		push_other(m, take_number(m, 4));
		return true;
	case 0x8e:
	case 0x96:
		push_other(m, take_number(m, 8));
		return true;
	default:
		return false;
	}
}

/* What holds other values; false: another kind of opcode. */
static bool step_container(struct machine *m, unsigned char op)
{
	switch (op) {
	case ']': /* EMPTY_LIST, EMPTY_TUPLE, EMPTY_SET */
	case ')':
	case 0x8f:
		push_new(m, PICKLE_LIST);
		return true;
	case '}':
		push_new(m, PICKLE_DICT);
		return true;
	case '(':
		open_mark(m);
		return true;
	case 'l': /* LIST, TUPLE, FROZENSET */
	case 't':
	case 0x91:
		collect_marked(m, PICKLE_LIST);
		return true;
	case 'd':
		collect_marked(m, PICKLE_DICT);
		return true;
	case 0x85: /* TUPLE1, TUPLE2, TUPLE3 */
	case 0x86:
	case 0x87:
		collect_last(m, op - 0x84u);
		return true;
	case 'a': /* APPEND */
		add_last(m, 1);
		return true;
	case 's': /* SETITEM */
		add_last(m, 2);
		return true;
	case 'e': /* APPENDS, SETITEMS, ADDITEMS */
	case 'u':
	case 0x90:
		add_to_below(m, close_mark(m));
		return true;
	case 'c': /* GLOBAL, STACK_GLOBAL */
		push_class_lines(m);
		return true;
	case 0x93:
		push_class(m);
		return true;
	case 'R': /* REDUCE, NEWOBJ, NEWOBJ_EX */
	case 0x81:
		push_object(m, 2);
		return true;
	case 0x92:
		push_object(m, 3);
		return true;
	case 'b': /* BUILD */
		set_attributes(m);
		return true;
	default:
		return false;
	}
}

static void step(struct machine *m, unsigned char op)
{
	if (step_scalar(m, op) || step_container(m, op))
		return;
	switch (op) {
	case 0x80: /* PROTO */
		take(m, 1);
		break;
	case 0x95: /* FRAME */
		take(m, 8);
		break;
	case '0': /* POP, POP_MARK, DUP */
		pop(m);
		break;
	case '1':
		m->stack.n = m->nmarks > 0 ? close_mark(m) : m->stack.n;
		break;
	case '2':
		if (top(m))
			push(&m->stack, top(m));
		break;
	case 0x94: /* MEMOIZE, BINPUT, LONG_BINPUT, BINGET, LONG_BINGET */
		put(m, m->memo.n);
		break;
	case 'q':
		put(m, take_number(m, 1));
		break;
	case 'r':
		put(m, take_number(m, 4));
		break;
	case 'h':
		get(m, take_number(m, 1));
		break;
	case 'j':
		get(m, take_number(m, 4));
		break;
	default:
		m->at--;
		fail(m, "an unknown opcode");
	}
}

int pickle_read_mem(const char *s, size_t len, const char *path, struct arena *mem,
		    const struct pickle_value **ret, struct err *reterr)
{
	const unsigned char *begin = (const unsigned char *)s;
	struct machine m = { .begin = begin,
			     .at = begin,
			     .end = begin + len,
			     .path = path,
			     .mem = mem,
			     .reterr = reterr };
	const struct pickle_value *whole = NULL;

	while (!m.has_failed && !whole) {
		const unsigned char *op = take(&m, 1);

		if (op && *op == '.')
			whole = pop(&m);
		else if (op)
			step(&m, *op);
	}
	free(m.stack.items);
	free(m.memo.items);
	free(m.marks);
	if (m.has_failed)
		return -1;
	*ret = whole;
	return 0;
}

/* --- looking -------------------------------------------------------------------------------- */

const char *pickle_text(const struct pickle_value *v)
{
	return v && v->kind == PICKLE_TEXT ? v->text : NULL;
}

bool pickle_is_true(const struct pickle_value *v)
{
	return v && v->kind == PICKLE_BOOL && v->number != 0;
}

const struct pickle_value *pickle_at(const struct pickle_value *v, size_t i)
{
	return v && v->kind == PICKLE_LIST && i < v->nitems ? v->items[i] : NULL;
}

const struct pickle_value *pickle_get(const struct pickle_value *v, const char *key)
{
	const struct pickle_value *found = NULL;

	if (v && v->kind == PICKLE_OBJECT)
		v = v->attributes;
	if (!v || v->kind != PICKLE_DICT)
		return NULL;
	for (size_t i = 0; i + 1 < v->nitems; i += 2) {
		const char *text = pickle_text(v->items[i]);

		if (text && strcmp(text, key) == 0)
			found = v->items[i + 1];
	}
	return found;
}
