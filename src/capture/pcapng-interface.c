/* The interfaces of pcapng files. Knows their options; knows no frame. */
#include "capture/pcapng-interface.h"

#include "capture/linktype.h"
#include "capture/record.h"

/* Of draft-ietf-opsawg-pcapng. */
enum {
	OPTION_END = 0,
	IF_TSRESOL = 9,
	IF_TSOFFSET = 14,
	ISB_IFDROP = 5,
	ISB_OSDROP = 7,
};

#define RESOLUTION_MICROSECONDS 6

/* One option, and where the next one is. */
typedef struct {
	const uint8_t *next; /* the next option */
	size_t left;         /* bytes from there */
	bool swapped;        /* byte order of the section */
	uint16_t code;       /* of the present one */
	uint16_t length;     /* bytes at @value */
	const uint8_t *value;
} OptionWalk;

/* False behind the last, be it that it says so, that there is no more, or that it is cut off. */
static bool option_next(OptionWalk *walk)
{
	size_t taken;

	if (walk->left < 4)
		return false;
	walk->code = number_u16(walk->next, walk->swapped);
	walk->length = number_u16(walk->next + 2, walk->swapped);
	walk->value = walk->next + 4;
	/* Values are padded to 4 bytes. */
	taken = 4 + (walk->length + 3u) / 4 * 4;
	if (walk->code == OPTION_END || taken > walk->left)
		return false;
	walk->next += taken;
	walk->left -= taken;
	return true;
}

/* if_tsresol: a negative power of ten, or of two if the highest bit is set. */
static void set_resolution(PcapngInterface *interface, uint8_t resolution)
{
	unsigned exponent = resolution & 0x7f;

	interface->resolution = resolution;
	interface->units = 0;
	if (resolution & 0x80) {
		if (exponent < 64)
			interface->units = UINT64_C(1) << exponent;
	} else if (exponent < 20) {
		interface->units = 1;
		for (unsigned i = 0; i < exponent; i++)
			interface->units *= 10;
	}
	interface->scale = interface->units != 0 && NSTIME_SECOND % interface->units == 0
				   ? NSTIME_SECOND / interface->units
				   : 0;
}

bool pcapng_interface_read(PcapngInterface *interface, const uint8_t *body, size_t length,
			   bool swapped)
{
	OptionWalk walk = { .swapped = swapped };

	if (length < 8)
		return false;
	*interface = (PcapngInterface){ .linktype = linktype_from_file(number_u16(body, swapped)) };
	interface->snaplen = linktype_snaplen(interface->linktype, number_u32(body + 4, swapped));
	set_resolution(interface, RESOLUTION_MICROSECONDS);
	walk.next = body + 8;
	walk.left = length - 8;
	while (option_next(&walk)) {
		if (walk.code == IF_TSRESOL && walk.length == 1)
			set_resolution(interface, *walk.value);
		else if (walk.code == IF_TSOFFSET && walk.length == 8)
			interface->offset = (int64_t)number_u64(walk.value, swapped);
	}
	return true;
}

/* 2^-20 s is the first power of two that is below a microsecond. */
bool pcapng_interface_is_fine(const PcapngInterface *interface)
{
	uint8_t resolution = interface->resolution;

	return resolution & 0x80 ? (resolution & 0x7f) >= 20 : resolution > RESOLUTION_MICROSECONDS;
}

/* The same for any resolution and offset. */
static NsTime time_of(const PcapngInterface *interface, uint64_t stamp)
{
	/* So fine that a unit does not fit: then no stamp reaches a second, and hardly one a
	 * nanosecond. */
	__int128 nanoseconds = 0;
	unsigned exponent = interface->resolution & 0x7f;

	if (interface->units != 0) {
		nanoseconds =
			(__int128)(stamp / interface->units) * NSTIME_SECOND +
			(__int128)(stamp % interface->units) * NSTIME_SECOND / interface->units;
	} else if (interface->resolution & 0x80) {
		nanoseconds = (__int128)stamp * NSTIME_SECOND >> exponent;
	} else {
		for (nanoseconds = stamp; exponent > 9 && nanoseconds > 0; exponent--)
			nanoseconds /= 10;
	}
	nanoseconds += (__int128)interface->offset * NSTIME_SECOND;
	return (NsTime)CLAMP(nanoseconds, NSTIME_EARLIEST, NSTIME_LATEST);
}

NsTime pcapng_interface_time(const PcapngInterface *interface, uint64_t stamp)
{
	NsTime time;

	if (interface->scale == 0 || interface->offset != 0 ||
	    __builtin_mul_overflow(stamp, interface->scale, &time) || time > NSTIME_LATEST)
		return time_of(interface, stamp);
	return time;
}

void pcapng_interface_count(PcapngInterface *interface, const uint8_t *options, size_t length,
			    bool swapped)
{
	OptionWalk walk = { .next = options, .left = length, .swapped = swapped };

	/* The counters run from the beginning of the capture, so the latest have the sum. */
	while (option_next(&walk)) {
		if (walk.length != 8)
			continue;
		if (walk.code == ISB_IFDROP) {
			interface->drops.known = true;
			interface->drops.interface = number_u64(walk.value, swapped);
		} else if (walk.code == ISB_OSDROP) {
			interface->drops.known = true;
			interface->drops.kernel = number_u64(walk.value, swapped);
		}
	}
}
