# Everything but the command line is in one library, so that the tests link the same objects as
# the program. One file a line, sorted.

noinst_LIBRARIES += src/libwirestate.a
src_libwirestate_a_SOURCES =

bin_PROGRAMS += wirestate
wirestate_SOURCES =
wirestate_SOURCES += src/main.c
