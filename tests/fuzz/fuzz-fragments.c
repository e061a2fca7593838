/* Fuzzes the table of fragments. The input is a list of orders of 8 bytes, each a fragment; their
 * data are made up so that every fragment's are different.
 *
 * A packet that comes out has to consist of bytes that some fragment of it had at that place, below
 * a header that says its length. */
#include <string.h>

#include "decode/cursor.h"
#include "decode/fragments.h"
#include "fuzz.h"

#define ORDER_SIZE 8
#define ORDERS_MAX 512

enum {
	IPV6 = 1 << 0,
	ID_SHIFT = 1,  /* two bits: which of four packets */
	MANY = 1 << 3, /* every such fragment is of a packet of its own */
	LAST = 1 << 4,
	BACKWARDS = 1 << 5, /* the time goes back */
};

/* What fragments carry: of the fragment n all bytes from here plus n on. */
static uint8_t pattern[65536 + ORDERS_MAX + 8];

/* Their headers, each with its length in the first two bytes, which do not matter to the table. */
#define HEADER_MAX (FRAGMENTS_HEADER_MAX + 8)
static uint8_t headers[HEADER_MAX / 4 + 1][HEADER_MAX];

static void make_up_data(void)
{
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)((i + 1) * 0x9e3779b1u >> 13);
	for (unsigned i = 0; i < G_N_ELEMENTS(headers); i++) {
		headers[i][0] = (uint8_t)(i * 4 >> 8);
		headers[i][1] = (uint8_t)(i * 4);
	}
}

/* As much of @order as its bytes say. */
static Fragment read_order(const uint8_t *order, unsigned number)
{
	bool v6 = order[0] & IPV6;
	uint32_t header_length = v6 ? 40 + order[6] % 37 * 8u : 20 + order[6] % 11 * 4u;
	Fragment fragment = {
		.key = { .id = order[0] >> ID_SHIFT & 3,
			 .version = v6 ? 6 : 4,
			 .protocol = v6 ? 0 : 6 },
		.header = headers[header_length / 4],
		.header_length = header_length,
		.next_at = header_length > 40 ? header_length - 8 : 6,
		.next = 6,
		.offset = load_u16(order + 1) % 8192 * 8u,
		.length = load_u16(order + 3),
		.data = pattern + number,
		.more = !(order[0] & LAST),
	};

	if (order[0] & MANY)
		fragment.key.id = 0x10000 + number;
	fragment.captured = fragment.length - MIN(fragment.length, order[5]);
	return fragment;
}

/* Whether one of the fragments had these bytes of the same packet there. */
static bool somebody_had(const Fragment *fragments, unsigned count, const FragmentKey *key,
			 uint32_t offset, const uint8_t *bytes, uint32_t length)
{
	while (count-- > 0) {
		const Fragment *one = &fragments[count];

		if (memcmp(&one->key, key, sizeof(*key)) == 0 && one->offset <= offset &&
		    one->offset + one->captured >= offset + length &&
		    memcmp(one->data + (offset - one->offset), bytes, length) == 0)
			return true;
	}
	return false;
}

static void check_header(const Frame *packet, const Fragment *fragment, uint32_t header_length)
{
	const uint8_t *header = packet->data;
	uint32_t sum = 0;

	if (fragment->key.version == 6) {
		g_assert_cmpuint(load_u16(header + 4), ==, packet->len - 40);
		return;
	}
	g_assert_cmpuint(load_u16(header + 2), ==, packet->len);
	for (uint32_t i = 0; i < header_length; i += 2)
		sum += load_u16(header + i);
	sum = (sum & 0xffff) + (sum >> 16);
	g_assert_cmphex(sum + (sum >> 16), ==, 0xffff);
}

/* @fragments are all so far, the last of which completed the packet. */
static void check_packet(const Frame *packet, const Fragment *fragments, unsigned count)
{
	const Fragment *last = &fragments[count - 1];
	uint32_t header_length = load_u16(packet->data);
	uint32_t length;

	g_assert_cmpuint(header_length, >=, 20);
	g_assert_cmpuint(header_length, <=, FRAGMENTS_HEADER_MAX);
	g_assert_cmpuint(packet->caplen, >=, header_length);
	g_assert_cmpuint(packet->len, >=, packet->caplen);
	check_header(packet, last, header_length);
	length = packet->caplen - header_length;
	for (uint32_t offset = 0; offset < length; offset += 8)
		g_assert_true(somebody_had(fragments, count, &last->key, offset,
					   packet->data + header_length + offset,
					   MIN(length - offset, 8)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(FragmentTable) table = fragments_new();
	Fragment fragments[ORDERS_MAX];
	Frame frame = { .time = 1700000000 * NSTIME_SECOND };
	unsigned count = 0, complete = 0;

	if (!headers[1][1])
		make_up_data();
	for (; size >= ORDER_SIZE && count < ORDERS_MAX; data += ORDER_SIZE, size -= ORDER_SIZE) {
		NsTime step = data[7] * data[7] * NSTIME_MILLISECOND;
		Frame packet;

		fragments[count] = read_order(data, count);
		frame.time += data[0] & BACKWARDS ? -step : step;
		fragments_add(table, &frame, &fragments[count]);
		count++;
		if (fragments_take(table, &packet)) {
			complete++;
			check_packet(&packet, fragments, count);
		}
		g_assert_false(fragments_take(table, &packet));
	}
	g_assert_cmpuint(fragments_counts(table).packets, ==, complete);
	g_assert_cmpuint(fragments_counts(table).packets + fragments_counts(table).incomplete, <=,
			 count);
	return 0;
}
