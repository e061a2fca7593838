/* Fuzzes the reader of captures. The input is a file: pcap or pcapng, compressed or not.
 *
 * However it is read, the same frames have to come: at once, from a pipe, and as one of so many
 * files that they are closed and opened again. Whatever frames libpcap delivers come, too; and
 * where it reads to the end without complaint, so do we. */
#include <fcntl.h>
#include <pcap/pcap.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fuzz.h"

/* So many files, and so few descriptors that only one of them may be open. */
#define COPIES      3
#define DESCRIPTORS 17
/* Copies are made only of what is short: each is read again and again. */
#define COPIED_MAX 4096

/* What was read. */
typedef struct {
	bool opened;       /* it is a capture at all */
	uint64_t frames;   /* delivered */
	uint64_t digest;   /* of all that was said of them, and of their bytes */
	unsigned failures; /* how often something was wrong */
} Reading;

FUZZ_UNSEEN static void mix(uint64_t *digest, uint64_t value)
{
	*digest = (*digest ^ value) * 0x9e3779b97f4a7c15u;
	*digest ^= *digest >> 32;
}

static void take_frame(Reading *reading, const Frame *frame)
{
	g_assert_cmpuint(frame->number, ==, reading->frames);
	g_assert_cmpuint(frame->caplen, <=, 128 << 20);
	mix(&reading->digest, (uint64_t)frame->time);
	mix(&reading->digest, (uint64_t)frame->caplen << 32 | frame->len);
	mix(&reading->digest, (uint64_t)frame->linktype << 1 | frame->rejected);
	for (uint32_t i = 0; i < frame->caplen; i++)
		reading->digest = reading->digest * 31 + frame->data[i];
}

static Reading read_files(const char *const *files, const char *filter)
{
	const InputOptions options = { .filter = filter, .optimise = true };
	g_autoptr(Input) input = input_open_files(files, &options, NULL);
	g_autofree char *described = NULL;
	Reading reading = { .opened = input };
	InputStats stats;

	if (!input)
		return reading;
	for (;;) {
		g_autoptr(GError) error = NULL;
		Frame frame;
		InputResult result = input_next(input, &frame, &error);

		if (result == INPUT_END)
			break;
		if (result == INPUT_FAIL) {
			g_assert_true(g_utf8_validate(error->message, -1, NULL));
			reading.failures++;
			continue;
		}
		g_assert_cmpint(result, ==, INPUT_FRAME);
		reading.frames++;
		take_frame(&reading, &frame);
		if (reading.frames == FUZZ_FRAMES_MAX)
			break;
	}
	input_stats(input, &stats);
	g_assert_cmpuint(stats.frames, ==, reading.frames);
	described = input_describe(input);
	return reading;
}

static void check_same(const Reading *one, const Reading *other)
{
	g_assert_cmpint(one->opened, ==, other->opened);
	g_assert_cmpuint(one->frames, ==, other->frames);
	g_assert_cmpuint(one->failures, ==, other->failures);
	g_assert_cmpuint(one->digest, ==, other->digest);
}

/* From a pipe, which cannot be read twice. */
static void check_pipe(const uint8_t *data, size_t size, const Reading *whole)
{
	char path[32];
	const char *const files[] = { path, NULL };
	Reading reading;
	int ends[2];

	g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
	/* What does not fit would have to be written by somebody else. */
	if (size <= (size_t)fcntl(ends[1], F_GETPIPE_SZ)) {
		g_assert_cmpint(write(ends[1], data, size), ==, (ssize_t)size);
		close(ends[1]);
		ends[1] = -1;
		g_snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
		reading = read_files(files, NULL);
		check_same(whole, &reading);
	}
	close(ends[0]);
	if (ends[1] >= 0)
		close(ends[1]);
}

/* As many files, merged, of which few may be open. */
static void check_copies(const char *path, const Reading *whole)
{
	const char *files[COPIES + 1] = { NULL };
	struct rlimit before, few;
	Reading reading;

	for (unsigned i = 0; i < COPIES; i++)
		files[i] = path;
	g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
	few = before;
	few.rlim_cur = DESCRIPTORS;
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &few), ==, 0);
	reading = read_files(files, NULL);
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
	g_assert_cmpint(reading.opened, ==, whole->opened);
	g_assert_cmpuint(reading.frames, ==, COPIES * whole->frames);
	if (whole->opened)
		g_assert_cmpuint(reading.failures, ==, COPIES * whole->failures);
}

/* libpcap 1.10 takes the seconds of the classic format for signed, and its arithmetic of time
 * stamps wraps: beyond 2038 the two may differ. */
static void check_time(const struct pcap_pkthdr *header, NsTime time)
{
	if (header->ts.tv_sec >= 0 && header->ts.tv_sec <= G_MAXINT32 && header->ts.tv_usec >= 0 &&
	    header->ts.tv_usec < NSTIME_SECOND)
		g_assert_cmpint(header->ts.tv_sec * NSTIME_SECOND + header->ts.tv_usec, ==, time);
}

/* libpcap passes over what comes before the first interface of a pcapng file, be it another section
 * header that does not tell its byte order. We, and Wireshark, cannot read on there. */
static bool is_passed_over(const GError *error)
{
	return strstr(error->message, "frame 1 ") && strstr(error->message, "byte order");
}

/* The next frame of the capture; blocks that only Wireshark numbers are none to libpcap. False when
 * we have to stop where libpcap need not. */
static bool next_frame(Input *input, Frame *frame)
{
	g_autoptr(GError) error = NULL;

	do {
		InputResult result = input_next(input, frame, &error);

		if (result == INPUT_FAIL && is_passed_over(error))
			return false;
		g_assert_no_error(error);
		g_assert_cmpint(result, ==, INPUT_FRAME);
	} while (frame->linktype == FRAME_NONE);
	return true;
}

/* Whether libpcap 1.10 turns numbers around in the frame itself, where the file is of the other
 * byte order: none of these carries TCP. */
static bool is_turned_around(pcap_t *pcap, const Frame *frame)
{
	switch (frame->linktype) {
	case DLT_LINUX_SLL: /* of its frames, those of CAN: 12 and 13 */
		return pcap_is_swapped(pcap) && frame->caplen >= 16 && frame->data[14] == 0 &&
		       (frame->data[15] == 12 || frame->data[15] == 13);
	case DLT_NFLOG:
	case DLT_PFLOG:
	case DLT_USB_LINUX:
	case DLT_USB_LINUX_MMAPPED:
		return pcap_is_swapped(pcap);
	default:
		return false;
	}
}

static void check_oracle(const char *path)
{
	const char *const files[] = { path, NULL };
	const InputOptions options = { 0 };
	g_autoptr(GError) error = NULL;
	g_autoptr(Input) input = NULL;
	char message[PCAP_ERRBUF_SIZE];
	pcap_t *pcap =
		pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, message);
	struct pcap_pkthdr *header;
	const uint8_t *data;
	InputResult result = INPUT_FRAME;
	unsigned count = 0;
	Frame frame;
	int status;

	if (!pcap)
		return;
	input = input_open_files(files, &options, &error);
	g_assert_no_error(error);
	while ((status = pcap_next_ex(pcap, &header, &data)) == 1 && count++ < FUZZ_FRAMES_MAX) {
		if (!next_frame(input, &frame)) {
			pcap_close(pcap);
			return;
		}
		check_time(header, frame.time);
		g_assert_cmpuint(frame.len, ==, header->len);
		g_assert_cmpint(frame.linktype, ==, pcap_datalink(pcap));
		g_assert_cmpuint(frame.caplen, ==, header->caplen);
		g_assert_true(frame.caplen == 0 || is_turned_around(pcap, &frame) ||
			      memcmp(frame.data, data, frame.caplen) == 0);
	}
	if (status == PCAP_ERROR_BREAK) {
		while (result == INPUT_FRAME) {
			result = input_next(input, &frame, &error);
			g_assert_true(result == INPUT_END ||
				      (result == INPUT_FRAME && frame.linktype == FRAME_NONE) ||
				      (result == INPUT_FAIL && is_passed_over(error)));
		}
	}
	pcap_close(pcap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *const files[] = { fuzz_file(data, size), NULL };
	Reading whole = read_files(files, NULL);
	Reading filtered = read_files(files, "tcp port 80 or ip6");

	/* The filter compiles for some link types only. */
	if (filtered.opened)
		g_assert_cmpuint(filtered.frames, ==, whole.frames);
	check_oracle(files[0]);
	check_pipe(data, size, &whole);
	/* How far liblzma comes into damaged data depends on the room that it has in a call. */
	if (size <= COPIED_MAX && whole.frames <= 100 && (!whole.failures || data[0] != 0xfd))
		check_copies(files[0], &whole);
	return 0;
}
