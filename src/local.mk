# Everything but the command line is in one library, so that the tests link the same objects as
# the program. One file a line, sorted.

noinst_LIBRARIES += src/libwirestate.a
src_libwirestate_a_SOURCES =
src_libwirestate_a_SOURCES += src/analysis/analysis.h
src_libwirestate_a_SOURCES += src/analysis/anomaly-kinds.h
src_libwirestate_a_SOURCES += src/analysis/event.h
src_libwirestate_a_SOURCES += src/base/address.c
src_libwirestate_a_SOURCES += src/base/address.h
src_libwirestate_a_SOURCES += src/base/diag.c
src_libwirestate_a_SOURCES += src/base/diag.h
src_libwirestate_a_SOURCES += src/base/listmacro.h
src_libwirestate_a_SOURCES += src/base/nstime.c
src_libwirestate_a_SOURCES += src/base/nstime.h
src_libwirestate_a_SOURCES += src/base/seq.h
src_libwirestate_a_SOURCES += src/capture/frame.h
src_libwirestate_a_SOURCES += src/capture/input.h
src_libwirestate_a_SOURCES += src/capture/privileges.h
src_libwirestate_a_SOURCES += src/decode/cursor.h
src_libwirestate_a_SOURCES += src/decode/decode.c
src_libwirestate_a_SOURCES += src/decode/decode.h
src_libwirestate_a_SOURCES += src/decode/headers.h
src_libwirestate_a_SOURCES += src/decode/ip.c
src_libwirestate_a_SOURCES += src/decode/link.c
src_libwirestate_a_SOURCES += src/decode/segment.h
src_libwirestate_a_SOURCES += src/decode/skip.c
src_libwirestate_a_SOURCES += src/decode/skip.h
src_libwirestate_a_SOURCES += src/decode/tcp-header.c
src_libwirestate_a_SOURCES += src/detect/detect.h
src_libwirestate_a_SOURCES += src/flow/clock.h
src_libwirestate_a_SOURCES += src/flow/connection.h
src_libwirestate_a_SOURCES += src/flow/flow-key.h
src_libwirestate_a_SOURCES += src/report/report.h
src_libwirestate_a_SOURCES += src/report/tcpdump-line.h
src_libwirestate_a_SOURCES += src/tcp/classify.h
src_libwirestate_a_SOURCES += src/tcp/ranges.h
src_libwirestate_a_SOURCES += src/tcp/side.h
src_libwirestate_a_SOURCES += src/tcp/state.h

bin_PROGRAMS += wirestate
wirestate_SOURCES =
wirestate_SOURCES += src/main.c
