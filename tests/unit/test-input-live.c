/* Inputs that are no regular files: standard input, interfaces; and how reading them is stopped. */
#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture-file.h"
#include "capture/privileges.h"

static const InputOptions no_options = { .optimise = true };

/* Makes standard input a pipe that holds @length bytes; returns the end to write to. */
static int pipe_as_stdin(const void *bytes, size_t length)
{
	int ends[2];

	g_assert_cmpint(pipe(ends), ==, 0);
	g_assert_cmpint(dup2(ends[0], STDIN_FILENO), ==, STDIN_FILENO);
	close(ends[0]);
	g_assert_cmpint(write(ends[1], bytes, length), ==, length);
	return ends[1];
}

static Input *open_stdin(void)
{
	static const char *const files[] = { "-", NULL };
	g_autoptr(GError) error = NULL;
	Input *input = input_open_files(files, &no_options, &error);

	g_assert_no_error(error);
	g_assert_nonnull(input);
	return input;
}

/* What was looked at to recognise the file is not lost. */
static void test_stdin(void)
{
	CaptureFile file = pcapng_new(false);
	g_autofree char *text = NULL;
	Input *input;
	InputStats stats;
	Frame frame;

	pcapng_interface(&file, 1, 9);
	pcapng_record(&file, 0, 1000000001);
	pcapng_record(&file, 0, 1000000002);
	close(pipe_as_stdin(file.bytes->data, file.bytes->len));
	g_byte_array_unref(file.bytes);

	input = open_stdin();
	text = input_describe(input);
	g_assert_cmpstr(text, ==,
			"reading from file -, link-type EN10MB (Ethernet), snapshot length 65535");
	input_stats(input, &stats);
	g_assert_true(stats.nanoseconds);
	for (int i = 1; i <= 2; i++) {
		g_assert_cmpint(input_next(input, &frame, NULL), ==, INPUT_FRAME);
		g_assert_cmpint(frame.time, ==, 1000000000 + i);
		g_assert_cmpmem(frame.data, frame.caplen, RECORD_DATA, RECORD_LENGTH);
	}
	g_assert_cmpint(input_next(input, &frame, NULL), ==, INPUT_END);
	input_free(input);
}

static void test_stdin_twice(void)
{
	CaptureFile file = classic_new(MICROSECONDS, false, 1);
	static const char *const files[] = { "-", "-", NULL };
	g_autoptr(GError) error = NULL;

	close(pipe_as_stdin(file.bytes->data, file.bytes->len));
	g_byte_array_unref(file.bytes);
	g_assert_null(input_open_files(files, &no_options, &error));
	g_assert_error(error, INPUT_ERROR, INPUT_ERROR_OPEN);
	g_assert_cmpstr(error->message, ==, "standard input can be read only once");
}

static Input *to_stop;

static void stop_by_signal(int signal_number)
{
	(void)signal_number;
	input_stop(to_stop);
}

/* A pipe in which nothing comes and that nobody closes: only the stop ends it, be it in the middle
 * of a record, and that is then no damage. The signal restarts system calls, as signal() in the C
 * library has it. */
static void test_stdin_stop(void)
{
	static const guint cuts[] = { 0, 7, 20 };

	for (size_t i = 0; i < G_N_ELEMENTS(cuts); i++) {
		CaptureFile file = classic_new(MICROSECONDS, false, 1);
		const struct itimerval soon = { .it_value.tv_usec = 20000 };
		Frame frame;
		guint whole;
		int writer;

		classic_record(&file, 1, 0);
		whole = file.bytes->len;
		classic_record(&file, 2, 0);
		writer = pipe_as_stdin(file.bytes->data, whole + cuts[i]);
		g_byte_array_unref(file.bytes);
		to_stop = open_stdin();
		g_assert_cmpint(input_next(to_stop, &frame, NULL), ==, INPUT_FRAME);
		signal(SIGALRM, stop_by_signal);
		g_assert_cmpint(setitimer(ITIMER_REAL, &soon, NULL), ==, 0);
		g_assert_cmpint(input_next(to_stop, &frame, NULL), ==, INPUT_END);
		g_assert_cmpint(input_next(to_stop, &frame, NULL), ==, INPUT_END);
		input_free(to_stop);
		close(writer);
	}
}

static void test_file_stop(void)
{
	CaptureFile file = classic_new(MICROSECONDS, false, 1);
	g_autofree char *path = NULL;
	const char *files[] = { NULL, NULL };
	g_autoptr(Input) input = NULL;
	Frame frame;

	for (uint32_t i = 0; i < 3; i++)
		classic_record(&file, i, 0);
	files[0] = path = save(&file, "stop.pcap");
	input = input_open_files(files, &no_options, NULL);
	g_assert_nonnull(input);
	g_assert_cmpint(input_next(input, &frame, NULL), ==, INPUT_FRAME);
	input_stop(input);
	input_stop(input);
	g_assert_cmpint(input_next(input, &frame, NULL), ==, INPUT_END);
}

static void test_no_interface(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(input_open_interface("wirestate-none", &no_options, &error));
	g_assert_error(error, INPUT_ERROR, INPUT_ERROR_DEVICE);
	g_assert_true(g_str_has_prefix(error->message, "wirestate-none: "));
}

/* A datagram to ourselves; returns the port that it went to. */
static uint16_t open_socket(int *descriptor)
{
	struct sockaddr_in self = { .sin_family = AF_INET };
	socklen_t length = sizeof(self);

	self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*descriptor = socket(AF_INET, SOCK_DGRAM, 0);
	g_assert_cmpint(bind(*descriptor, (struct sockaddr *)&self, sizeof(self)), ==, 0);
	g_assert_cmpint(getsockname(*descriptor, (struct sockaddr *)&self, &length), ==, 0);
	g_assert_cmpint(connect(*descriptor, (struct sockaddr *)&self, sizeof(self)), ==, 0);
	return ntohs(self.sin_port);
}

static void test_interface(void)
{
	int descriptor;
	g_autofree char *filter = g_strdup_printf("udp port %d", open_socket(&descriptor));
	const InputOptions options = { .optimise = true, .filter = filter, .timeout_ms = 10 };
	g_autoptr(GError) error = NULL;
	g_autoptr(Input) input = input_open_interface("lo", &options, &error);
	g_autofree char *text = NULL;
	InputResult result;
	InputStats stats;
	Frame frame;

	if (!input) {
		g_assert_error(error, INPUT_ERROR, INPUT_ERROR_DEVICE);
		close(descriptor);
		g_test_skip(error->message);
		return;
	}
	text = input_describe(input);
	g_assert_cmpstr(
		text, ==,
		"listening on lo, link-type EN10MB (Ethernet), snapshot length 262144 bytes");
	/* Nothing goes to that port but what we send. */
	g_assert_cmpint(input_next(input, &frame, &error), ==, INPUT_IDLE);
	if (send(descriptor, "ping", 4, 0) != 4) {
		close(descriptor);
		g_test_skip("the loopback interface is down");
		return;
	}
	do {
		result = input_next(input, &frame, &error);
	} while (result == INPUT_IDLE);
	g_assert_no_error(error);
	g_assert_cmpint(result, ==, INPUT_FRAME);
	g_assert_cmpuint(frame.number, ==, 1);
	g_assert_cmpuint(frame.accepted, ==, 1);
	g_assert_cmpint(frame.linktype, ==, DLT_EN10MB);
	/* Ethernet, IPv4 and UDP header. */
	g_assert_cmpuint(frame.len, ==, 14 + 20 + 8 + 4);
	g_assert_cmpmem(frame.data + frame.caplen - 4, 4, "ping", 4);
	g_assert_cmpint(frame.time, >, INT64_C(1700000000) * NSTIME_SECOND);
	input_stats(input, &stats);
	g_assert_true(stats.live);
	g_assert_cmpuint(stats.frames, ==, 1);
	input_stop(input);
	g_assert_cmpint(input_next(input, &frame, &error), ==, INPUT_END);
	close(descriptor);
}

/* The real tcpdump lists the same interfaces in the same words. */
static void test_interfaces(void)
{
	g_autofree char *expected = NULL, *errors = NULL, *text = NULL;
	g_autoptr(GError) error = NULL;

	if (!g_spawn_command_line_sync("tcpdump -D", &expected, &errors, NULL, NULL)) {
		g_test_skip("there is no tcpdump");
		return;
	}
	text = input_interfaces(&error);
	g_assert_no_error(error);
	g_assert_cmpstr(text, ==, expected);
}

static void test_privileges(void)
{
	g_autoptr(GError) error = NULL;
	int status;
	pid_t child;

	g_assert_true(privileges_drop(NULL, &error));
	if (geteuid() != 0) {
		g_assert_true(privileges_drop("nobody", &error));
		g_test_skip("only root has something to give up");
		return;
	}
	g_assert_false(privileges_drop("wirestate-none", &error));
	g_assert_error(error, INPUT_ERROR, INPUT_ERROR_DEVICE);
	g_assert_cmpstr(error->message, ==, "-Z: there is no user 'wirestate-none'");
	child = fork();
	if (child == 0)
		_exit(privileges_drop("nobody", NULL) && getuid() != 0 && geteuid() != 0 &&
				      getgid() != 0 && setuid(0) != 0
			      ? 0
			      : 1);
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	g_assert_cmpint(status, ==, 0);
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/input/stdin", test_stdin);
	g_test_add_func("/input/stdin-twice", test_stdin_twice);
	g_test_add_func("/input/stdin-stop", test_stdin_stop);
	g_test_add_func("/input/file-stop", test_file_stop);
	g_test_add_func("/input/no-interface", test_no_interface);
	g_test_add_func("/input/interface", test_interface);
	g_test_add_func("/input/interfaces", test_interfaces);
	g_test_add_func("/privileges/drop", test_privileges);
	status = g_test_run();
	folder_remove();
	return status;
}
