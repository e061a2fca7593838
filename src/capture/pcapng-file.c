/* Reading pcapng files. Knows the blocks that describe frames and interfaces, and how to step over
 * all others; knows nothing of what is in a frame. */
#include "capture/pcapng-file.h"

#include "capture/linktype.h"

/* Of draft-ietf-opsawg-pcapng: block types, and the number that tells the byte order. */
enum {
	SECTION_HEADER = 0x0a0d0d0a, /* reads the same in either byte order */
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	INTERFACE_DESCRIPTION = 1,
	PACKET = 2, /* obsolete */
	SIMPLE_PACKET = 3,
	INTERFACE_STATISTICS = 5,
	ENHANCED_PACKET = 6,
	/* No frames, but Wireshark gives each a number as if it were one. */
	JOURNAL_ENTRY = 9,
	CUSTOM = 0xbad,
	CUSTOM_NOT_COPIED = 0x40000bad,
};

enum {
	BLOCK_HEAD = 8,   /* type and length */
	BLOCK_FRAME = 12, /* and the length again at its end */
	SECTION_HEADER_MIN = 28,
	/* Bytes of a packet block's body before its frame. */
	ENHANCED_PACKET_HEAD = 20,
	SIMPLE_PACKET_HEAD = 4,
};

/* Blocks that are looked at are not longer, unless a link type has larger frames. */
#define BLOCK_MAX (16 * 1024 * 1024)
/* Beside its frame a packet block has comments and the like. */
#define OPTIONS_MAX (128 * 1024)
/* So that a file of nothing but descriptions does not eat all memory. */
#define INTERFACES_MAX 65536

/* A block at hand. */
typedef struct {
	uint32_t type;       /* of the block */
	uint32_t length;     /* of all of it */
	const uint8_t *body; /* behind type and length, once it is there */
	size_t body_length;  /* without the length at the end */
} Block;

bool pcapng_file_recognise(const uint8_t magic[static 4])
{
	return number_u32(magic, false) == SECTION_HEADER;
}

static RecordResult bad_length(const Bytes *bytes, uint32_t length, Damage *damage)
{
	return record_bad(damage, bytes_offset(bytes),
			  g_strdup_printf("a block of %u bytes, which no block can have", length));
}

/* Type and length of the block at hand; a section header sets the byte order of all that follows.
 */
static RecordResult read_head(PcapngFile *file, Bytes *bytes, Block *block, Damage *damage)
{
	if (!bytes_need(bytes, BLOCK_HEAD)) {
		if (bytes->at == bytes->end)
			return RECORD_END;
		return record_cut(damage, bytes_offset(bytes));
	}
	block->type = number_u32(bytes->at, file->swapped);
	if (block->type == SECTION_HEADER) {
		if (!bytes_need(bytes, BLOCK_HEAD + 4))
			return record_cut(damage, bytes_offset(bytes));
		file->swapped = number_u32(bytes->at + 8, false) != BYTE_ORDER_MAGIC;
		if (number_u32(bytes->at + 8, file->swapped) != BYTE_ORDER_MAGIC)
			return record_bad(damage, bytes_offset(bytes),
					  g_strdup("a section whose byte order is not told"));
	}
	block->length = number_u32(bytes->at + 4, file->swapped);
	/* As libpcap, we do not refuse a file for the length of its first block. */
	if (block->length < BLOCK_FRAME ||
	    (block->length % 4 != 0 && block->type != SECTION_HEADER))
		return bad_length(bytes, block->length, damage);
	return RECORD_FRAME;
}

/* The block says its length at both ends. @end is where it says it again. A section header has
 * shown by its number that it is one; a file is not refused for the end of its first block. */
static RecordResult check_end(const PcapngFile *file, uint64_t offset, const Block *block,
			      const uint8_t *end, Damage *damage)
{
	uint32_t again = number_u32(end, file->swapped);

	if (again == block->length || block->type == SECTION_HEADER)
		return RECORD_FRAME;
	return record_bad(damage, offset,
			  g_strdup_printf("a block of %u bytes that ends as one of %u",
					  block->length, again));
}

/* All of the block at hand, which stays where it is. */
static RecordResult read_whole(const PcapngFile *file, Bytes *bytes, Block *block, Damage *damage)
{
	if (block->length > file->block_max)
		return record_bad(damage, bytes_offset(bytes),
				  g_strdup_printf("the record claims %u bytes, more than any "
						  "capture holds",
						  block->length));
	if (!bytes_need(bytes, block->length))
		return record_cut(damage, bytes_offset(bytes));
	block->body = bytes->at + BLOCK_HEAD;
	block->body_length = block->length - BLOCK_FRAME;
	return check_end(file, bytes_offset(bytes), block, block->body + block->body_length,
			 damage);
}

/* Steps over a block that is of no interest, however long it is. */
static RecordResult skip_block(const PcapngFile *file, Bytes *bytes, const Block *block,
			       Damage *damage)
{
	uint64_t offset = bytes_offset(bytes);
	RecordResult result;

	if (!bytes_skip(bytes, block->length - 4) || !bytes_need(bytes, 4))
		return record_cut(damage, offset);
	result = check_end(file, offset, block, bytes->at, damage);
	if (result == RECORD_FRAME)
		bytes->at += 4;
	return result;
}

static RecordResult begin_section(PcapngFile *file, const Bytes *bytes, const Block *block,
				  Damage *damage)
{
	uint16_t major, minor;

	if (block->length < SECTION_HEADER_MIN)
		return bad_length(bytes, block->length, damage);
	major = number_u16(block->body + 4, file->swapped);
	minor = number_u16(block->body + 6, file->swapped);
	if (major != 1)
		return record_bad(damage, bytes_offset(bytes),
				  g_strdup_printf("version %u.%u of the pcapng format is not known",
						  major, minor));
	file->earlier = pcapng_file_drops(file);
	g_array_set_size(file->interfaces, 0);
	return RECORD_FRAME;
}

static RecordResult add_interface(PcapngFile *file, const Bytes *bytes, const Block *block,
				  Damage *damage)
{
	PcapngInterface interface;

	if (!pcapng_interface_read(&interface, block->body, block->body_length, file->swapped))
		return bad_length(bytes, block->length, damage);
	if (file->interfaces->len == INTERFACES_MAX)
		return record_bad(damage, bytes_offset(bytes),
				  g_strdup_printf("more than %u interfaces", INTERFACES_MAX));
	file->nanoseconds |= pcapng_interface_is_fine(&interface);
	file->block_max =
		MAX(file->block_max, linktype_caplen_max(interface.linktype) + OPTIONS_MAX);
	g_array_append_val(file->interfaces, interface);
	return RECORD_FRAME;
}

static PcapngInterface *find_interface(const PcapngFile *file, uint32_t number)
{
	return number < file->interfaces->len
		       ? &g_array_index(file->interfaces, PcapngInterface, number)
		       : NULL;
}

/* Statistics of an interface that nobody described are of no use to anybody. */
static void take_statistics(PcapngFile *file, const Block *block)
{
	PcapngInterface *interface;

	if (block->body_length < 12)
		return;
	interface = find_interface(file, number_u32(block->body, file->swapped));
	if (interface)
		pcapng_interface_count(interface, block->body + 12, block->body_length - 12,
				       file->swapped);
}

/* Takes what a block that is no packet says, or steps over it. */
static RecordResult take_block(PcapngFile *file, Bytes *bytes, Block *block, Damage *damage)
{
	RecordResult result;

	if (block->type != SECTION_HEADER && block->type != INTERFACE_DESCRIPTION &&
	    block->type != INTERFACE_STATISTICS) {
		result = skip_block(file, bytes, block, damage);
		if (result == RECORD_FRAME &&
		    (block->type == JOURNAL_ENTRY || block->type == CUSTOM ||
		     block->type == CUSTOM_NOT_COPIED))
			file->others++;
		return result;
	}
	result = read_whole(file, bytes, block, damage);
	if (result != RECORD_FRAME)
		return result;
	if (block->type == SECTION_HEADER)
		result = begin_section(file, bytes, block, damage);
	else if (block->type == INTERFACE_DESCRIPTION)
		result = add_interface(file, bytes, block, damage);
	else
		take_statistics(file, block);
	if (result == RECORD_FRAME)
		bytes->at += block->length;
	return result;
}

/* Goes on to the next packet block, which it leaves where it is. */
static RecordResult seek_packet(PcapngFile *file, Bytes *bytes, Block *block, Damage *damage)
{
	RecordResult result;

	while ((result = read_head(file, bytes, block, damage)) == RECORD_FRAME) {
		if (block->type == ENHANCED_PACKET || block->type == SIMPLE_PACKET ||
		    block->type == PACKET)
			break;
		result = take_block(file, bytes, block, damage);
		if (result != RECORD_FRAME)
			break;
	}
	return result;
}

/* Goes on to the next packet block, and remembers when there is none any more. */
static void seek(PcapngFile *file, Bytes *bytes, Block *block)
{
	file->found = seek_packet(file, bytes, block, &file->damage);
	/* Bytes forget what went wrong when they are closed and opened again. */
	if (file->found != RECORD_FRAME && bytes->failure) {
		g_free(file->damage.what);
		file->found =
			record_bad(&file->damage, bytes_offset(bytes), g_strdup(bytes->failure));
	}
}

RecordResult pcapng_file_open(PcapngFile *file, Bytes *bytes, Damage *damage)
{
	RecordResult result;
	Block block;

	*file = (PcapngFile){ .interfaces = g_array_new(false, false, sizeof(PcapngInterface)),
			      .block_max = BLOCK_MAX };
	result = read_head(file, bytes, &block, damage);
	if (result == RECORD_FRAME)
		result = take_block(file, bytes, &block, damage);
	if (result != RECORD_FRAME)
		return result;
	file->found = seek_packet(file, bytes, &block, &file->damage);
	/* Bytes forget what went wrong when they are closed and opened again. */
	if (file->found != RECORD_FRAME && bytes->failure) {
		g_free(file->damage.what);
		file->found =
			record_bad(&file->damage, bytes_offset(bytes), g_strdup(bytes->failure));
	}
	return RECORD_FRAME;
}

/* What a packet block's body says, which depends on its type. False when it is too short. */
static bool read_packet(const PcapngFile *file, const Block *block, Frame *frame,
			uint32_t *interface_number, uint64_t *stamp)
{
	const uint8_t *body = block->body;
	bool simple = block->type == SIMPLE_PACKET;
	const PcapngInterface *interface;

	frame->caplen = 0;
	if (block->body_length < (simple ? SIMPLE_PACKET_HEAD : ENHANCED_PACKET_HEAD))
		return false;
	if (!simple) {
		/* The obsolete one has two numbers of two bytes where the other has one of four. */
		*interface_number = block->type == PACKET ? number_u16(body, file->swapped)
							  : number_u32(body, file->swapped);
		*stamp = (uint64_t)number_u32(body + 4, file->swapped) << 32 |
			 number_u32(body + 8, file->swapped);
		frame->caplen = number_u32(body + 12, file->swapped);
		frame->len = number_u32(body + 16, file->swapped);
		frame->data = body + ENHANCED_PACKET_HEAD;
		return frame->caplen <= block->body_length - ENHANCED_PACKET_HEAD;
	}
	/* It is of the first interface, has no time, and what was captured of it is what the
	 * snapshot length left. */
	*interface_number = 0;
	*stamp = 0;
	interface = find_interface(file, 0);
	frame->len = number_u32(body, file->swapped);
	frame->caplen = interface ? MIN(frame->len, interface->snaplen) : 0;
	frame->data = body + SIMPLE_PACKET_HEAD;
	return frame->caplen <= block->body_length - SIMPLE_PACKET_HEAD;
}

/* Makes a frame of the packet block at hand, which stays where it is. */
static RecordResult look_at_packet(PcapngFile *file, Bytes *bytes, Block *block, Frame *frame,
				   Damage *damage)
{
	const PcapngInterface *interface;
	uint32_t number = 0;
	uint64_t stamp = 0;
	RecordResult result;

	result = read_whole(file, bytes, block, damage);
	if (result != RECORD_FRAME)
		return result;
	if (!read_packet(file, block, frame, &number, &stamp))
		return record_bad(damage, bytes_offset(bytes),
				  g_strdup_printf("the frame claims %u bytes in a block of %u",
						  frame->caplen, block->length));
	interface = find_interface(file, number);
	if (!interface)
		return record_bad(damage, bytes_offset(bytes),
				  g_strdup_printf("the frame is of interface %u, which the file "
						  "does not describe",
						  number));
	frame->time = pcapng_interface_time(interface, stamp);
	frame->linktype = interface->linktype;
	return RECORD_FRAME;
}

/* Makes a frame of a block that Wireshark numbers. It has the time of the frame behind it, or else
 * of the one before. @found is what comes behind it. */
static RecordResult take_other(PcapngFile *file, Bytes *bytes, Block *block, RecordResult found,
			       Frame *frame)
{
	Frame next = { .time = frame->time };
	Damage damage = { 0 };

	if (found == RECORD_FRAME)
		look_at_packet(file, bytes, block, &next, &damage);
	g_free(damage.what);
	*frame = (Frame){ .time = next.time, .linktype = FRAME_NONE, .data = bytes->at };
	bytes->record = NULL;
	file->others--;
	return RECORD_FRAME;
}

bool pcapng_file_is_ready(const PcapngFile *file, const Bytes *bytes)
{
	size_t there = (size_t)(bytes->end - bytes->at);
	uint32_t length;

	/* All that files consist of but for their beginning. The others take the long way. */
	if (file->found != RECORD_FRAME || file->others > 0 || there < BLOCK_HEAD ||
	    number_u32(bytes->at, file->swapped) != ENHANCED_PACKET)
		return false;
	length = number_u32(bytes->at + 4, file->swapped);
	return length >= BLOCK_FRAME + ENHANCED_PACKET_HEAD && length % 4 == 0 &&
	       length <= MIN(there, file->block_max) &&
	       number_u32(bytes->at + length - 4, file->swapped) == length &&
	       number_u32(bytes->at + BLOCK_HEAD, file->swapped) < file->interfaces->len &&
	       number_u32(bytes->at + BLOCK_HEAD + 12, file->swapped) <=
		       length - BLOCK_FRAME - ENHANCED_PACKET_HEAD;
}

RecordResult pcapng_file_next(PcapngFile *file, Bytes *bytes, Frame *frame, Damage *damage)
{
	RecordResult result;
	Block block;

	if (file->found == RECORD_FRAME)
		seek(file, bytes, &block);
	result = file->found;
	if (file->others > 0)
		return take_other(file, bytes, &block, result, frame);
	if (result != RECORD_FRAME) {
		*damage = file->damage;
		damage->what = g_strdup(damage->what);
		return result;
	}
	result = look_at_packet(file, bytes, &block, frame, damage);
	if (result == RECORD_FRAME) {
		bytes->record = bytes->at;
		bytes->at += block.length;
	}
	return result;
}

PcapngDrops pcapng_file_drops(const PcapngFile *file)
{
	PcapngDrops drops = file->earlier;

	for (guint i = 0; i < file->interfaces->len; i++) {
		const PcapngDrops *more = &find_interface(file, i)->drops;

		drops.known |= more->known;
		drops.kernel += more->kernel;
		drops.interface += more->interface;
	}
	return drops;
}

void pcapng_file_clear(PcapngFile *file)
{
	if (file->interfaces)
		g_array_unref(file->interfaces);
	g_free(file->damage.what);
	*file = (PcapngFile){ 0 };
}
