# One file a line, sorted. A unit test is tests/unit/test-NAME.c, and automake finds that source
# by itself. All tests write TAP.

check_PROGRAMS += $(unit_tests)
unit_tests =
unit_tests += tests/unit/test-address
unit_tests += tests/unit/test-anomaly-kinds
unit_tests += tests/unit/test-clock
unit_tests += tests/unit/test-columns
unit_tests += tests/unit/test-decode-ip
unit_tests += tests/unit/test-decode-link
unit_tests += tests/unit/test-decode-tcp
unit_tests += tests/unit/test-detect
unit_tests += tests/unit/test-input
unit_tests += tests/unit/test-input-errors
unit_tests += tests/unit/test-input-live
unit_tests += tests/unit/test-json-writer
unit_tests += tests/unit/test-nstime
unit_tests += tests/unit/test-ranges
unit_tests += tests/unit/test-selection
unit_tests += tests/unit/test-seq
unit_tests += tests/unit/test-state
unit_tests += tests/unit/test-text

# Scenario files are tests themselves: tests/run-scenario makes a capture of each and compares.
scenarios =

# What makes captures of them. It links nothing of the program, so that a mistake cannot hide in both.
check_PROGRAMS += tests/tools/scn2pcap
tests_tools_scn2pcap_SOURCES =
tests_tools_scn2pcap_SOURCES += tests/tools/frames.c
tests_tools_scn2pcap_SOURCES += tests/tools/frames.h
tests_tools_scn2pcap_SOURCES += tests/tools/scn2pcap.c
tests_tools_scn2pcap_SOURCES += tests/tools/words.c
tests_tools_scn2pcap_SOURCES += tests/tools/words.h
tests_tools_scn2pcap_LDADD =

# Two simulated TCPs, a net and a tap.
model_tests =
model_tests += tests/model/test-model
check_PROGRAMS += $(model_tests)
tests_model_test_model_SOURCES =
tests_model_test_model_SOURCES += tests/model/end.c
tests_model_test_model_SOURCES += tests/model/end.h
tests_model_test_model_SOURCES += tests/model/test-model.c
# What is strict about JSON.
check_PROGRAMS += tests/tools/json-lines
tests_tools_json_lines_SOURCES = tests/tools/json-lines.c
tests_tools_json_lines_LDADD =

cli_tests =
cli_tests += tests/cli/damaged.sh
cli_tests += tests/cli/exit-status.sh
cli_tests += tests/cli/layers.sh
cli_tests += tests/cli/lists.sh
cli_tests += tests/cli/live.sh
cli_tests += tests/cli/options.sh
cli_tests += tests/cli/truth.sh

# What the tests read or run and is not a test itself.
EXTRA_DIST += $(cli_tests) $(scenarios)
EXTRA_DIST += tests/README.md
EXTRA_DIST += tests/cli/run.sh
EXTRA_DIST += tests/lib.sh
EXTRA_DIST += tests/run-scenario
EXTRA_DIST += tests/scenario.awk
EXTRA_DIST += tests/unit/capture-file.h
EXTRA_DIST += tests/unit/decode-case.h

TESTS += $(unit_tests) $(model_tests) $(scenarios) $(cli_tests)

TAP_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
TEST_EXTENSIONS = .scn .sh
LOG_DRIVER = $(TAP_DRIVER)
SCN_LOG_DRIVER = $(TAP_DRIVER)
SCN_LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/run-scenario
SH_LOG_DRIVER = $(TAP_DRIVER)
SH_LOG_COMPILER = $(SHELL)

# The scripts find the tree by abs_top_srcdir, what was built by the other variables, and GTest its
# data by G_TEST_SRCDIR.
AM_TESTS_ENVIRONMENT = \
	TZ=UTC; LC_ALL=C; G_DEBUG=fatal-warnings; MALLOC_PERTURB_=165; \
	abs_top_srcdir=$(abs_top_srcdir); \
	abs_top_builddir=$(abs_top_builddir); \
	WIRESTATE=$(abs_top_builddir)/wirestate; \
	SCN2PCAP=$(abs_top_builddir)/tests/tools/scn2pcap; \
	JSON_LINES=$(abs_top_builddir)/tests/tools/json-lines; \
	AWK='$(AWK)'; \
	G_TEST_SRCDIR=$(abs_top_srcdir)/tests; \
	export TZ LC_ALL G_DEBUG MALLOC_PERTURB_ abs_top_srcdir abs_top_builddir WIRESTATE SCN2PCAP JSON_LINES \
		AWK G_TEST_SRCDIR;
