/* What the fuzz targets have in common: being as strict as the tests are, and files in memory. */
#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

const int fuzz_linktypes[] = {
	DLT_NULL,
	DLT_EN10MB,
	DLT_PPP,
	DLT_PPP_SERIAL,
	DLT_PPP_ETHER,
	DLT_C_HDLC,
	DLT_PPP_PPPD,
	DLT_IEEE802_11,
	DLT_IEEE802_11_RADIO,
	DLT_RAW,
	14,  /* raw IP on BSD/OS */
	101, /* raw IP in files */
	DLT_LOOP,
	DLT_LINUX_SLL,
	DLT_LINUX_SLL2,
	DLT_IPV4,
	DLT_IPV6,
	DLT_ATM_RFC1483,
	DLT_USER0,
};

const size_t fuzz_linktype_count = G_N_ELEMENTS(fuzz_linktypes);

int LLVMFuzzerInitialize(int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
	/* What GLib complains of is a defect. */
	g_log_set_always_fatal(G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
	/* The same input has to take the same way each time. */
	g_random_set_seed(1);
	/* No message may depend on where the fuzzer runs. */
	setenv("TZ", "UTC", 1);
	return 0;
}

const char *fuzz_file(const uint8_t *data, size_t size)
{
	static char path[64];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("input", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(ftruncate(fd, 0), ==, 0);
	g_assert_cmpint(pwrite(fd, data, size, 0), ==, (ssize_t)size);
	return path;
}
