/* Nothing is allocated for a segment: a capture ten times as long of the same connections makes as
 * many allocations as the short one, from the file to the view. Those of the whole program are
 * counted, libraries included. */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "capture-file.h"
#include "detect/detect.h"
#include "report/report.h"

#define CONNECTIONS 3
#define ROUNDS      2000u
#define BATCH       64

/* Under a sanitizer malloc() is the sanitizer's. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTS 0
static unsigned long allocations;
#elif defined(__GLIBC__)
#define COUNTS 1
static unsigned long allocations;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	allocations++;
	return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	allocations++;
	return __libc_realloc(memory, size);
}
#else
#define COUNTS 0
static unsigned long allocations;
#endif

/* What both ends of a connection have sent. */
typedef struct {
	uint32_t next[2]; /* the numbers of client and server */
} Talk;

static uint8_t *put(uint8_t *at, uint32_t value, unsigned bytes)
{
	for (unsigned i = bytes; i-- > 0;)
		*at++ = (uint8_t)(value >> 8 * i);
	return at;
}

/* A segment of connection @number, sent by its client or its server. */
static void pass(CaptureFile *file, Talk *talk, unsigned number, bool server, unsigned flags,
		 unsigned payload)
{
	static unsigned now;
	uint8_t packet[40 + 64] = { 0 };
	uint8_t *at = packet;
	uint32_t client = 0xc0000201, other = 0xc6336401;
	unsigned length = 40 + payload;

	at = put(at, 0x4500, 2);
	at = put(at, length, 2);
	at = put(at, 0, 4);
	at = put(at, 64 << 8 | 6, 2);
	at = put(at, 0, 2);
	at = put(at, server ? other : client, 4);
	at = put(at, server ? client : other, 4);
	at = put(at, server ? 80 : 40000 + number, 2);
	at = put(at, server ? 40000 + number : 80, 2);
	at = put(at, talk->next[server], 4);
	at = put(at, flags & TH_ACK ? talk->next[!server] : 0, 4);
	at = put(at, 5 << 12 | flags, 2);
	put(at, 60000, 2);
	talk->next[server] += payload + !!(flags & TH_SYN);

	now += 50;
	put_u32(file, now / 1000000);
	put_u32(file, now % 1000000);
	put_u32(file, length);
	put_u32(file, length);
	g_byte_array_append(file->bytes, packet, length);
}

/* Connections that are opened and then send data to and fro, for so many rounds, in a file of this
 * name. Its path; the caller frees it. */
static char *make_capture(const char *name, unsigned rounds)
{
	CaptureFile file = classic_new(MICROSECONDS, false, LINKTYPE_RAW);
	Talk talks[CONNECTIONS] = { 0 };

	for (unsigned i = 0; i < CONNECTIONS; i++) {
		pass(&file, &talks[i], i, false, TH_SYN, 0);
		pass(&file, &talks[i], i, true, TH_SYN | TH_ACK, 0);
		pass(&file, &talks[i], i, false, TH_ACK, 0);
	}
	for (unsigned round = 0; round < rounds; round++) {
		unsigned i = round % CONNECTIONS;

		pass(&file, &talks[i], i, false, TH_ACK | TH_PUSH, 20);
		pass(&file, &talks[i], i, true, TH_ACK | TH_PUSH, 64);
		pass(&file, &talks[i], i, true, TH_ACK | TH_PUSH, 64);
		pass(&file, &talks[i], i, false, TH_ACK, 0);
	}
	return save(&file, name);
}

/* How a view is made. */
typedef Observer *(*NewReport)(const ReportContext *context);

/* Reads it all as main.c does, for one view. */
static void read_all(const char *path, NewReport new_report)
{
	const char *const files[] = { path, NULL };
	const InputOptions input_options = { 0 };
	const AnalysisOptions options = { .msl = ANALYSIS_DEFAULT_MSL,
					  .stuck = ANALYSIS_DEFAULT_STUCK };
	const Selection selection = { 0 };
	const LineOptions line = { .numeric = true };
	g_autoptr(GString) stream = g_string_new(NULL);
	g_autoptr(Input) input = input_open_files(files, &input_options, NULL);
	g_autoptr(Analysis) analysis = analysis_new(&options);
	ReportContext context = { .analysis = analysis,
				  .out = fopen("/dev/null", "w"),
				  .stream = stream,
				  .selection = &selection,
				  .line = &line,
				  .width = 80,
				  .input = path };
	Frame frames[BATCH];
	InputStats stats;
	unsigned count;

	g_assert_nonnull(input);
	detect_add_all(analysis);
	analysis_add_report(analysis, new_report(&context));
	while (input_next_batch(input, frames, BATCH, &count, NULL) == INPUT_FRAME)
		analysis_frames(analysis, frames, count);
	input_stats(input, &stats);
	analysis_finish(analysis, &stats);
	g_assert_cmpuint(analysis_totals(analysis)->connections, ==, CONNECTIONS);
	fclose(context.out);
}

static Observer *new_json(const ReportContext *context)
{
	return report_json_new(context, 1u << VIEW_TIMELINE | 1u << VIEW_CONNECTIONS);
}

static void test_view(gconstpointer data)
{
	NewReport new_report = *(const NewReport *)data;
	g_autofree char *few = make_capture("few.pcap", ROUNDS),
			*many = make_capture("many.pcap", 10 * ROUNDS);
	unsigned long before, of_few, of_many;

	if (!COUNTS) {
		g_test_skip("malloc() cannot be counted here");
	} else {
		/* What is made once and for all is made now. */
		read_all(few, new_report);
		before = allocations;
		read_all(few, new_report);
		of_few = allocations - before;
		before = allocations;
		read_all(many, new_report);
		of_many = allocations - before;
		g_assert_cmpuint(of_few, >, 0);
		g_assert_cmpuint(of_many, ==, of_few);
	}
}

int main(int argc, char *argv[])
{
	int status;
	static const NewReport summary = report_summary_new;
	static const NewReport timeline = report_timeline_new;
	static const NewReport connections = report_connections_new;
	static const NewReport json = new_json;

	g_test_init(&argc, &argv, NULL);
	g_test_add_data_func("/allocations/summary", &summary, test_view);
	g_test_add_data_func("/allocations/timeline", &timeline, test_view);
	g_test_add_data_func("/allocations/connections", &connections, test_view);
	g_test_add_data_func("/allocations/json", &json, test_view);
	status = g_test_run();
	folder_remove();
	return status;
}
