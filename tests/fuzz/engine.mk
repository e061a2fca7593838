# Builds the fuzz targets with an engine's compiler, for tests/fuzz/run.sh, apart from the usual build: all of the
# program is instrumented. GNU make.
#
#   FUZZ_CC       the compiler, and FUZZ_CFLAGS for every file
#   FUZZ_LINK     what makes a program of a target
#   FUZZ_SOURCES  the sources of src/libwirestate.a, from the top of the tree
#   FUZZ_LIBS     the libraries, FUZZ_CPPFLAGS their headers
#   TOP, OUT      the source tree, and where everything goes

# A small buffer: what is longer than it occurs in short inputs, too.
compile = $(FUZZ_CC) -std=gnu11 -g -O1 -fno-omit-frame-pointer $(FUZZ_CFLAGS) -DDECOMPRESS_INPUT=512 -DCHUNK_SIZE=256 \
	$(FUZZ_CPPFLAGS) -MMD -MP

targets = fuzz-analysis fuzz-fragments fuzz-link fuzz-reader
sources = $(filter %.c,$(FUZZ_SOURCES))
library = $(OUT)/libwirestate.a
common = $(OUT)/tests/fuzz/common.o

all: $(targets:%=$(OUT)/%)

$(OUT)/%.o: $(TOP)/%.c
	@mkdir -p $(@D)
	@echo "  FUZZ-CC  $*.o"; $(compile) -c $< -o $@

$(library): $(sources:%.c=$(OUT)/%.o)
	@rm -f $@; $(FUZZ_AR) cr $@ $^

$(targets:%=$(OUT)/%): $(OUT)/%: $(OUT)/tests/fuzz/%.o $(common) $(library)
	@echo "  FUZZ-LD  $*"; $(FUZZ_CC) $(FUZZ_CFLAGS) $(FUZZ_LINK) $^ $(FUZZ_LIBS) -o $@

# Objects are made by a rule with a pattern, and would be removed as intermediate.
.SECONDARY:
.DELETE_ON_ERROR:

-include $(sources:%.c=$(OUT)/%.d) $(targets:%=$(OUT)/tests/fuzz/%.d) $(common:.o=.d)
