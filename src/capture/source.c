/* Reading one capture file. Knows which format it is, its filter and the words for what is wrong
 * with it; knows no other file. */
#include "capture/source.h"

#include <inttypes.h>
#include <pcap/dlt.h>

#include "capture/bytes.h"
#include "capture/linktype.h"
#include "capture/pcap-file.h"
#include "capture/pcapng-file.h"

struct Source {
	char *path;        /* as it was given */
	Bytes bytes;       /* what the file holds */
	bool is_pcapng;    /* which of the two it is */
	PcapFile pcap;     /* if not @is_pcapng */
	PcapngFile pcapng; /* if it is */
	Filter *filter;    /* borrowed; NULL: none */
	const struct bpf_program
		*program;            /* of @filter for @program_linktype; NULL: none compiles */
	int program_linktype;        /* DLT_*; see @program */
	bool program_swapped;        /* the byte order that @program is for */
	bool program_accepts;        /* what to do when it is NULL */
	bool (*knows_linktype)(int); /* as InputOptions has it */
	GError *filter_failure;      /* why it does not compile for some frames, told at the end */
	uint64_t frames;             /* frames read from this file */
	Frame head;                  /* the present one */
	bool has_head;               /* there is one */
	bool ended;                  /* there is no more */
};

static const char *source_name(const Source *source)
{
	return stream_name(source->bytes.stream);
}

/* What is wrong with the file's beginning. */
static void header_error(const Source *source, RecordResult result, const Damage *damage,
			 GError **error)
{
	const char *what = source->bytes.failure  ? source->bytes.failure
			   : result == RECORD_BAD ? damage->what
						  : "cut off in the middle of its header";

	g_set_error(error, INPUT_ERROR, INPUT_ERROR_OPEN, "%s: %s", source_name(source), what);
}

/* Which format it is, by its first bytes. */
static bool source_recognise(Source *source, GError **error)
{
	Bytes *bytes = &source->bytes;
	const char *what = "is not a capture (pcap or pcapng)";

	if (bytes_need(bytes, 4)) {
		source->is_pcapng = pcapng_file_recognise(bytes->at);
		if (source->is_pcapng || pcap_file_recognise(bytes->at))
			return true;
		if (bytes->decompressor)
			what = "is not a capture (pcap or pcapng), also when decompressed";
	} else if (bytes->failure) {
		what = bytes->failure;
	} else if (bytes->at == bytes->end) {
		what = "is empty; a capture has at least a header";
	}
	g_set_error(error, INPUT_ERROR, INPUT_ERROR_OPEN, "%s: %s", source_name(source), what);
	return false;
}

static bool source_read_header(Source *source, GError **error)
{
	Damage damage = { 0 };
	RecordResult result = source->is_pcapng
				      ? pcapng_file_open(&source->pcapng, &source->bytes, &damage)
				      : pcap_file_open(&source->pcap, &source->bytes, &damage);

	if (result != RECORD_FRAME)
		header_error(source, result, &damage, error);
	g_free(damage.what);
	return result == RECORD_FRAME;
}

static bool source_swapped(const Source *source)
{
	return source->is_pcapng ? source->pcapng.swapped : source->pcap.swapped;
}

/* The filter's program for frames of a link type. */
static bool source_set_program(Source *source, int linktype, GError **error)
{
	source->program_linktype = linktype;
	source->program_swapped = source_swapped(source);
	source->program = filter_program(source->filter, linktype, source->program_swapped, error);
	return source->program;
}

/* A file is refused when nothing of what it is known to hold can be decoded, or filtered. Of
 * several link types some may turn out to be neither: those are told of when their frames have
 * come. */
static bool source_check_linktypes(Source *source, const InputOptions *options, GError **error)
{
	int linktype = source->is_pcapng ? DLT_EN10MB : source->pcap.linktype;
	bool described = true;

	if (source->is_pcapng) {
		const GArray *all = source->pcapng.interfaces;

		described = all->len > 0;
		for (guint i = 0; i < all->len; i++) {
			int one = g_array_index(all, PcapngInterface, i).linktype;

			if (i == 0 || linktype_is_known(one, options))
				linktype = one;
			if (linktype_is_known(one, options))
				break;
		}
	}
	if (described && !linktype_check(linktype, source_name(source), options, error))
		return false;
	return !source->filter || source_set_program(source, linktype, error);
}

Source *source_open(const char *path, Wakeup *wakeup, const InputOptions *options, Filter *filter,
		    GError **error)
{
	g_autoptr(Source) source = g_new0(Source, 1);

	source->path = g_strdup(path);
	source->filter = filter;
	source->knows_linktype = options->knows_linktype;
	if (!bytes_open(&source->bytes, path, wakeup, error) || !source_recognise(source, error) ||
	    !source_read_header(source, error) || !source_check_linktypes(source, options, error))
		return NULL;
	return g_steal_pointer(&source);
}

/* What is wrong with the record behind the frames that were read, and where it is. */
static void damage_error(const Source *source, RecordResult result, const Damage *damage,
			 GError **error)
{
	const Bytes *bytes = &source->bytes;
	const char *what = bytes->failure && result != RECORD_BAD ? bytes->failure
			   : result == RECORD_BAD                 ? damage->what
						  : "cut off in the middle of the record";

	g_set_error(error, INPUT_ERROR, INPUT_ERROR_READ,
		    "%s: frame %" PRIu64 " (byte %" PRIu64 "%s): %s; what came before it has been "
		    "read",
		    source_name(source), source->frames + 1, damage->offset,
		    bytes->decompressor ? ", decompressed" : "", what);
}

/* The filter for frames of another link type than those before. Those that cannot be decoded either
 * need none; others that it does not compile for are rejected, which is told at the end. */
static void source_change_program(Source *source)
{
	int linktype = source->head.linktype;
	g_autoptr(GError) error = NULL;

	if (source_set_program(source, linktype, &error))
		return;
	source->program_accepts = source->knows_linktype && !source->knows_linktype(linktype);
	if (!source->program_accepts && !source->filter_failure)
		g_set_error(&source->filter_failure, INPUT_ERROR, INPUT_ERROR_FILTER,
			    "%s: frame %" PRIu64 ": %s; no frame of its link type was looked at",
			    source_name(source), source->frames, error->message);
}

/* Whether the filter rejects the present frame. */
static bool source_rejects(Source *source)
{
	if (source->head.linktype == FRAME_NONE)
		return true;
	if (source->head.linktype != source->program_linktype ||
	    source_swapped(source) != source->program_swapped)
		source_change_program(source);
	return source->program ? !filter_accepts(source->program, &source->head)
			       : !source->program_accepts;
}

static RecordResult source_read(Source *source, Damage *damage)
{
	RecordResult result =
		source->is_pcapng
			? pcapng_file_next(&source->pcapng, &source->bytes, &source->head, damage)
			: pcap_file_next(&source->pcap, &source->bytes, &source->head, damage);

	/* A file that cannot be read on is not at its end. */
	if (result == RECORD_END && source->bytes.failure)
		result = record_cut(damage, bytes_offset(&source->bytes));
	return result;
}

/* There is no more. */
static SourceResult source_end(Source *source, RecordResult result, Damage *damage, GError **error)
{
	SourceResult end = SOURCE_FAIL;

	if (result != RECORD_END)
		damage_error(source, result, damage, error);
	else if (source->filter_failure)
		g_propagate_error(error, g_steal_pointer(&source->filter_failure));
	else
		end = SOURCE_END;
	g_free(damage->what);
	source->has_head = false;
	source->ended = true;
	bytes_close(&source->bytes);
	return end;
}

SourceResult source_next(Source *source, GError **error)
{
	Damage damage = { 0 };
	RecordResult result;

	g_assert(source_is_open(source));
	result = source_read(source, &damage);
	if (result != RECORD_FRAME)
		return source_end(source, result, &damage, error);
	source->frames++;
	source->has_head = true;
	if (source->filter)
		source->head.rejected = source_rejects(source);
	return SOURCE_FRAME;
}

bool source_is_ready(const Source *source)
{
	if (!source_is_open(source))
		return false;
	return source->is_pcapng ? pcapng_file_is_ready(&source->pcapng, &source->bytes)
				 : pcap_file_is_ready(&source->pcap, &source->bytes);
}

unsigned source_take_ready(Source *source, Frame *frames, unsigned room)
{
	unsigned count;

	/* What most captures are; others go one by one. */
	if (source->is_pcapng || source->filter || !source_is_open(source))
		return 0;
	count = pcap_file_take_ready(&source->pcap, &source->bytes, frames, room);
	if (count > 0)
		source->head = frames[count - 1];
	source->frames += count;
	return count;
}

const Frame *source_head(const Source *source)
{
	return &source->head;
}

bool source_is_open(const Source *source)
{
	return bytes_are_open(&source->bytes);
}

bool source_can_park(const Source *source)
{
	return stream_can_reopen(source->bytes.stream);
}

void source_park(Source *source)
{
	bytes_close(&source->bytes);
}

bool source_wake(Source *source, GError **error)
{
	Damage damage = { 0 };
	NsTime time = source->head.time;
	RecordResult result;

	if (!bytes_reopen(&source->bytes, error)) {
		bytes_close(&source->bytes);
		return false;
	}
	if (!source->has_head || source->head.linktype == FRAME_NONE)
		return true;
	result = source_read(source, &damage);
	if (result == RECORD_FRAME && source->head.time == time)
		return true;
	g_set_error(error, INPUT_ERROR, INPUT_ERROR_READ,
		    "%s: frame %" PRIu64 ": is not there any more; the file changed while it was "
		    "read",
		    source_name(source), source->frames);
	g_free(damage.what);
	bytes_close(&source->bytes);
	return false;
}

void source_stats(const Source *source, InputStats *stats)
{
	PcapngDrops drops = { 0 };

	if (source->is_pcapng)
		drops = pcapng_file_drops(&source->pcapng);
	stats->nanoseconds |=
		source->is_pcapng ? source->pcapng.nanoseconds : source->pcap.nanoseconds;
	stats->counts_drops |= drops.known;
	stats->dropped_kernel += drops.kernel;
	stats->dropped_interface += drops.interface;
}

void source_describe(const Source *source, GString *text)
{
	const GArray *all = source->pcapng.interfaces;
	gsize before;

	g_string_append_printf(text, "reading from file %s", source->path);
	if (!source->is_pcapng) {
		linktype_describe(source->pcap.linktype, source->pcap.snaplen, text);
		return;
	}
	/* Interfaces that follow one of their kind need no words. */
	before = text->len;
	for (guint i = 0; i < all->len; i++) {
		const PcapngInterface *one = &g_array_index(all, PcapngInterface, i);
		const PcapngInterface *previous = one - 1;

		if (i == 0 || one->linktype != previous->linktype ||
		    one->snaplen != previous->snaplen)
			linktype_describe(one->linktype, one->snaplen, text);
	}
	if (text->len == before)
		g_string_append(text, ", which describes no interface");
}

bool source_progress(const Source *source, uint64_t *read, uint64_t *size)
{
	uint64_t here, all;

	stream_progress(source->bytes.stream, &here, &all);
	/* A file that has no more frames is done, wherever it ended. */
	*read += source->ended ? all : here;
	*size += all;
	return all > 0;
}

void source_free(Source *source)
{
	if (!source)
		return;
	bytes_clear(&source->bytes);
	pcapng_file_clear(&source->pcapng);
	g_clear_error(&source->filter_failure);
	g_free(source->path);
	g_free(source);
}
