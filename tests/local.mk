# One file a line, sorted. A unit test is tests/unit/test-NAME.c, and automake finds that source
# by itself. All tests write TAP.

check_PROGRAMS += $(unit_tests)
unit_tests =
unit_tests += tests/unit/test-address
unit_tests += tests/unit/test-allocations
unit_tests += tests/unit/test-anomaly-kinds
unit_tests += tests/unit/test-bounds
unit_tests += tests/unit/test-checksum
unit_tests += tests/unit/test-clock
unit_tests += tests/unit/test-columns
unit_tests += tests/unit/test-copies
unit_tests += tests/unit/test-decode-fragments
unit_tests += tests/unit/test-decode-icmp
unit_tests += tests/unit/test-compressed
unit_tests += tests/unit/test-decode-ip
unit_tests += tests/unit/test-decode-link
unit_tests += tests/unit/test-decode-shim
unit_tests += tests/unit/test-decode-tcp
unit_tests += tests/unit/test-decode-tunnel
unit_tests += tests/unit/test-detect
unit_tests += tests/unit/test-digits
unit_tests += tests/unit/test-embryo
unit_tests += tests/unit/test-findings
unit_tests += tests/unit/test-flow-table
unit_tests += tests/unit/test-flow-table-plain
unit_tests += tests/unit/test-frozen
unit_tests += tests/unit/test-input
unit_tests += tests/unit/test-input-batch
unit_tests += tests/unit/test-input-errors
unit_tests += tests/unit/test-input-live
unit_tests += tests/unit/test-input-many
unit_tests += tests/unit/test-json-connection
unit_tests += tests/unit/test-json-writer
unit_tests += tests/unit/test-noise
unit_tests += tests/unit/test-nstime
unit_tests += tests/unit/test-pcapng
unit_tests += tests/unit/test-pool
unit_tests += tests/unit/test-pools
unit_tests += tests/unit/test-ranges
unit_tests += tests/unit/test-read-ahead
unit_tests += tests/unit/test-reader-oracle
unit_tests += tests/unit/test-recent
unit_tests += tests/unit/test-regular
unit_tests += tests/unit/test-room
unit_tests += tests/unit/test-selection
unit_tests += tests/unit/test-seq
unit_tests += tests/unit/test-sha1
unit_tests += tests/unit/test-shapes
unit_tests += tests/unit/test-shown
unit_tests += tests/unit/test-sources
unit_tests += tests/unit/test-state
unit_tests += tests/unit/test-tcpdump-numbers
unit_tests += tests/unit/test-text
unit_tests += tests/unit/test-turns
unit_tests += tests/unit/test-words
unit_tests += tests/unit/test-writer
unit_tests += tests/unit/test-wifi-fragments
unit_tests += tests/unit/test-words-community-id
unit_tests += tests/unit/test-words-connections
unit_tests += tests/unit/test-words-wireshark
unit_tests += tests/unit/test-words-zeek

# Scenario files are tests themselves: tests/run-scenario makes a capture of each and compares.
scenarios =
scenarios += tests/scenarios/a-single-syn.scn
scenarios += tests/scenarios/abortive-close-frees-the-window.scn
scenarios += tests/scenarios/abortive-close-in-close-wait.scn
scenarios += tests/scenarios/abortive-close.scn
scenarios += tests/scenarios/accept-queue-drains-in-silence.scn
scenarios += tests/scenarios/accept-queue-drains.scn
scenarios += tests/scenarios/accept-queue-full-behind-a-router.scn
scenarios += tests/scenarios/accept-queue-full-of-a-greeter.scn
scenarios += tests/scenarios/accept-queue-full.scn
scenarios += tests/scenarios/accept-queue-stays-full.scn
scenarios += tests/scenarios/ack-again-among-a-few-copies.scn
scenarios += tests/scenarios/ack-again-among-few-segments.scn
scenarios += tests/scenarios/ack-below-the-fin.scn
scenarios += tests/scenarios/ack-ignored-long-ago.scn
scenarios += tests/scenarios/ack-in-syn-sent.scn
scenarios += tests/scenarios/ack-lost-while-others-are-taken.scn
scenarios += tests/scenarios/ack-of-an-unknown-connection.scn
scenarios += tests/scenarios/ack-of-nothing-sent.scn
scenarios += tests/scenarios/acknowledgements-prove-the-silent-half.scn
scenarios += tests/scenarios/acks-lost-behind-a-router.scn
scenarios += tests/scenarios/acks-of-a-syn-proxy.scn
scenarios += tests/scenarios/alike-on-purpose.scn
scenarios += tests/scenarios/at-an-instant-of-a-capture-out-of-order.scn
scenarios += tests/scenarios/backwards-in-time.scn
scenarios += tests/scenarios/bad-flags-syn-and-fin.scn
scenarios += tests/scenarios/bad-flags.scn
scenarios += tests/scenarios/blind-syn.scn
scenarios += tests/scenarios/burst-crosses-a-reset.scn
scenarios += tests/scenarios/busy-server.scn
scenarios += tests/scenarios/capture-gap-after-the-handshake.scn
scenarios += tests/scenarios/capture-gap.scn
scenarios += tests/scenarios/client-of-many-services.scn
scenarios += tests/scenarios/client-of-some-hosts-that-are-down.scn
scenarios += tests/scenarios/clients-that-keep-trying-in-a-flood.scn
scenarios += tests/scenarios/close-in-three-segments.scn
scenarios += tests/scenarios/close-race-after-keep-alives.scn
scenarios += tests/scenarios/close-race-at-the-beginning-of-a-capture.scn
scenarios += tests/scenarios/close-race-of-one-who-only-sends.scn
scenarios += tests/scenarios/close-race-seen-at-the-server.scn
scenarios += tests/scenarios/close-race.scn
scenarios += tests/scenarios/closing-ends-in-silence.scn
scenarios += tests/scenarios/connect-answered-late.scn
scenarios += tests/scenarios/connect-timeout-in-nanoseconds.scn
scenarios += tests/scenarios/connect-timeout.scn
scenarios += tests/scenarios/connection-refused.scn
scenarios += tests/scenarios/connects-to-a-net.scn
scenarios += tests/scenarios/connects-to-many-ports.scn
scenarios += tests/scenarios/copies-at-the-beginning.scn
scenarios += tests/scenarios/copy-of-an-uncaptured-segment.scn
scenarios += tests/scenarios/crossing-handshake-timers.scn
scenarios += tests/scenarios/crossing-repetitions-answered-once.scn
scenarios += tests/scenarios/data-after-fin.scn
scenarios += tests/scenarios/data-again-after-a-lost-reset.scn
scenarios += tests/scenarios/data-again-after-the-ack-of-the-fin.scn
scenarios += tests/scenarios/data-before-the-fin-again.scn
scenarios += tests/scenarios/data-completes-the-handshake.scn
scenarios += tests/scenarios/data-crossing-a-fin.scn
scenarios += tests/scenarios/data-delayed-past-a-reset.scn
scenarios += tests/scenarios/data-delayed-past-the-ack-of-the-fin.scn
scenarios += tests/scenarios/data-on-the-number-of-an-acknowledged-fin.scn
scenarios += tests/scenarios/data-unanswered-after-a-silence.scn
scenarios += tests/scenarios/dead-peer.scn
scenarios += tests/scenarios/deferred-accept-ends.scn
scenarios += tests/scenarios/deferred-accept-for-a-second.scn
scenarios += tests/scenarios/deferred-accept-tires.scn
scenarios += tests/scenarios/deferred-accept-twice.scn
scenarios += tests/scenarios/duplicate-ack-that-comes-late.scn
scenarios += tests/scenarios/duplicate-acks-of-a-download.scn
scenarios += tests/scenarios/duplicate-frames-by-hop-limit.scn
scenarios += tests/scenarios/duplicate-frames-crossed.scn
scenarios += tests/scenarios/duplicate-frames-of-a-self-connect.scn
scenarios += tests/scenarios/duplicate-frames-without-an-id.scn
scenarios += tests/scenarios/duplicate-frames.scn
scenarios += tests/scenarios/exporters-of-a-dead-host.scn
scenarios += tests/scenarios/fast-open-data-not-accepted.scn
scenarios += tests/scenarios/fast-open-server-closes-in-syn-rcvd.scn
scenarios += tests/scenarios/fast-open-syn-ack-again-after-fin.scn
scenarios += tests/scenarios/fast-open.scn
scenarios += tests/scenarios/fast-retransmission-among-a-few-copies.scn
scenarios += tests/scenarios/fin-again-after-its-ack.scn
scenarios += tests/scenarios/fin-again-among-copies.scn
scenarios += tests/scenarios/fin-again-meets-its-ack.scn
scenarios += tests/scenarios/fin-again-then-silence.scn
scenarios += tests/scenarios/fin-again.scn
scenarios += tests/scenarios/fin-behind-a-simultaneous-open.scn
scenarios += tests/scenarios/fin-beyond-a-captured-window.scn
scenarios += tests/scenarios/fin-beyond-a-hole-answered-at-once.scn
scenarios += tests/scenarios/fin-beyond-a-hole-behind-the-tap.scn
scenarios += tests/scenarios/fin-beyond-a-hole.scn
scenarios += tests/scenarios/fin-by-a-timer-among-copies.scn
scenarios += tests/scenarios/fin-completes-the-handshake.scn
scenarios += tests/scenarios/fin-not-captured.scn
scenarios += tests/scenarios/fin-outside-the-window.scn
scenarios += tests/scenarios/fin-overtaken-by-data-with-an-ack.scn
scenarios += tests/scenarios/fin-overtaken-by-its-own-ack.scn
scenarios += tests/scenarios/fin-quiet-of-a-side-never-acked.scn
scenarios += tests/scenarios/fin-refused-at-once.scn
scenarios += tests/scenarios/fin-refused-by-paws.scn
scenarios += tests/scenarios/fin-refused-for-a-clock-that-leapt.scn
scenarios += tests/scenarios/fin-repeated-with-all-before-it.scn
scenarios += tests/scenarios/fin-scan.scn
scenarios += tests/scenarios/fin-wait-2-has-no-timer.scn
scenarios += tests/scenarios/fin-without-ack.scn
scenarios += tests/scenarios/first-ack-of-data-and-fin-lost-before-the-tap.scn
scenarios += tests/scenarios/first-ack-of-the-fin-lost-before-the-tap.scn
scenarios += tests/scenarios/first-fin-lost-before-the-tap.scn
scenarios += tests/scenarios/flood-after-the-clock-was-set-back.scn
scenarios += tests/scenarios/flood-and-then-a-lost-client.scn
scenarios += tests/scenarios/flood-and-then-slow-clients.scn
scenarios += tests/scenarios/flood-by-a-clock-far-behind.scn
scenarios += tests/scenarios/flood-from-one-source-among-slow-clients.scn
scenarios += tests/scenarios/forged-reset-and-a-clock-from-zero.scn
scenarios += tests/scenarios/forged-reset-and-a-tick-back.scn
scenarios += tests/scenarios/forged-reset.scn
scenarios += tests/scenarios/forged-syn-ack.scn
scenarios += tests/scenarios/former-server-connects-back.scn
scenarios += tests/scenarios/goodbye-before-the-fin-is-known.scn
scenarios += tests/scenarios/goodbyes-cross.scn
scenarios += tests/scenarios/half-closed.scn
scenarios += tests/scenarios/half-open-after-a-full-accept-queue.scn
scenarios += tests/scenarios/half-open-against-close-wait.scn
scenarios += tests/scenarios/half-open-discovered-unseen.scn
scenarios += tests/scenarios/half-open-met-by-data.scn
scenarios += tests/scenarios/half-open-met-by-syn.scn
scenarios += tests/scenarios/handshake-in-progress.scn
scenarios += tests/scenarios/handshake-incomplete.scn
scenarios += tests/scenarios/handshake-mostly-not-captured.scn
scenarios += tests/scenarios/handshake-reset-not-exact.scn
scenarios += tests/scenarios/handshake-reset.scn
scenarios += tests/scenarios/icmp-about-another-number.scn
scenarios += tests/scenarios/icmp-about-old-data.scn
scenarios += tests/scenarios/icmp-draws-a-last-syn.scn
scenarios += tests/scenarios/icmp-ends-syn-rcvd-over-ipv6.scn
scenarios += tests/scenarios/icmp-ends-syn-rcvd.scn
scenarios += tests/scenarios/icmp-is-no-segment.scn
scenarios += tests/scenarios/icmp-too-big-in-syn-sent.scn
scenarios += tests/scenarios/icmp-unreachable.scn
scenarios += tests/scenarios/icmp-while-open.scn
scenarios += tests/scenarios/idle-timeout-before-any-data.scn
scenarios += tests/scenarios/idle-timeout-without-ack.scn
scenarios += tests/scenarios/idle-timeout.scn
scenarios += tests/scenarios/keep-alive-answered-after-a-reset.scn
scenarios += tests/scenarios/keep-alive-with-one-byte.scn
scenarios += tests/scenarios/keep-alive.scn
scenarios += tests/scenarios/keep-alives-unanswered.scn
scenarios += tests/scenarios/last-ack-lost.scn
scenarios += tests/scenarios/late-duplicate-syn.scn
scenarios += tests/scenarios/late-segment-between-time-wait-and-oblivion.scn
scenarios += tests/scenarios/loss-is-no-capture-gap.scn
scenarios += tests/scenarios/many-hosts-far-away.scn
scenarios += tests/scenarios/many-hosts-tried-again-by-a-slow-timer.scn
scenarios += tests/scenarios/many-ports-that-answer-late.scn
scenarios += tests/scenarios/middlebox-reset-by-ip-id.scn
scenarios += tests/scenarios/middlebox-reset-captured-twice.scn
scenarios += tests/scenarios/middlebox-reset-of-one-way.scn
scenarios += tests/scenarios/middlebox-reset.scn
scenarios += tests/scenarios/midstream-ack-proves-little.scn
scenarios += tests/scenarios/midstream-data.scn
scenarios += tests/scenarios/midstream-fin.scn
scenarios += tests/scenarios/midstream-half-closed.scn
scenarios += tests/scenarios/midstream-rst.scn
scenarios += tests/scenarios/midstream-syn-ack.scn
scenarios += tests/scenarios/network-down.scn
scenarios += tests/scenarios/news-for-a-client-that-leaves.scn
scenarios += tests/scenarios/no-timer-after-the-last-frame.scn
scenarios += tests/scenarios/not-stuck-while-it-sends.scn
scenarios += tests/scenarios/not-yet-stuck.scn
scenarios += tests/scenarios/null-scan.scn
scenarios += tests/scenarios/odd-segments-to-two-ports.scn
scenarios += tests/scenarios/old-syn-into-time-wait.scn
scenarios += tests/scenarios/one-way-and-over.scn
scenarios += tests/scenarios/one-way-is-not-stuck.scn
scenarios += tests/scenarios/one-way-proves-no-wait.scn
scenarios += tests/scenarios/one-way.scn
scenarios += tests/scenarios/open-close.scn
scenarios += tests/scenarios/overlapping-repetition.scn
scenarios += tests/scenarios/overtaken-ack-behind-a-fin.scn
scenarios += tests/scenarios/overtaken-fin-again.scn
scenarios += tests/scenarios/overtaken-fin-of-an-earlier-clock.scn
scenarios += tests/scenarios/passive-ftp-blocked.scn
scenarios += tests/scenarios/peer-answers-late.scn
scenarios += tests/scenarios/probe.scn
scenarios += tests/scenarios/refused-long-after-a-scan.scn
scenarios += tests/scenarios/refused-ports-of-a-busy-client.scn
scenarios += tests/scenarios/repetitions-are-no-copies.scn
scenarios += tests/scenarios/request-after-a-known-fin.scn
scenarios += tests/scenarios/request-crosses-a-deferred-syn-ack.scn
scenarios += tests/scenarios/reset-after-close.scn
scenarios += tests/scenarios/reset-after-some-idle-time.scn
scenarios += tests/scenarios/reset-at-the-sack-edge.scn
scenarios += tests/scenarios/reset-below-what-passed.scn
scenarios += tests/scenarios/reset-by-a-full-accept-queue.scn
scenarios += tests/scenarios/reset-challenged-in-fin-wait-2.scn
scenarios += tests/scenarios/reset-challenged-sooner-than-expected.scn
scenarios += tests/scenarios/reset-ignored.scn
scenarios += tests/scenarios/reset-in-the-window-of-fin-wait-2.scn
scenarios += tests/scenarios/reset-not-believed-near-the-tap.scn
scenarios += tests/scenarios/reset-of-each-copy.scn
scenarios += tests/scenarios/reset-one-below-in-close-wait.scn
scenarios += tests/scenarios/reset-one-short-after-a-keepalive.scn
scenarios += tests/scenarios/reset-overtakes-its-syn-ack.scn
scenarios += tests/scenarios/reset-twice-before-a-device.scn
scenarios += tests/scenarios/reset-when-repetitions-run-out.scn
scenarios += tests/scenarios/reset-with-ip-id-zero.scn
scenarios += tests/scenarios/reset.scn
scenarios += tests/scenarios/reuse-after-reset.scn
scenarios += tests/scenarios/reuse-after-time-wait.scn
scenarios += tests/scenarios/rst-again-before-an-answer.scn
scenarios += tests/scenarios/sack-of-the-fin.scn
scenarios += tests/scenarios/scan-answered-by-icmp.scn
scenarios += tests/scenarios/scan-of-a-server-of-slow-clients.scn
scenarios += tests/scenarios/scan-that-ends-with-the-capture.scn
scenarios += tests/scenarios/segment-of-a-forgotten-connection.scn
scenarios += tests/scenarios/self-connect.scn
scenarios += tests/scenarios/server-closes-first.scn
scenarios += tests/scenarios/services-tried-while-the-network-is-down.scn
scenarios += tests/scenarios/short-connections-with-data.scn
scenarios += tests/scenarios/simultaneous-close.scn
scenarios += tests/scenarios/simultaneous-open-captured-twice.scn
scenarios += tests/scenarios/simultaneous-open-seen-at-the-other-end.scn
scenarios += tests/scenarios/simultaneous-open.scn
scenarios += tests/scenarios/slow-clients-and-one-that-is-lost.scn
scenarios += tests/scenarios/slow-clients-are-no-flood.scn
scenarios += tests/scenarios/slow-clients-of-an-earlier-clock.scn
scenarios += tests/scenarios/slow-clients-with-a-request.scn
scenarios += tests/scenarios/slow-refusals-are-no-flood.scn
scenarios += tests/scenarios/slow-syn-ack.scn
scenarios += tests/scenarios/stray-of-the-old-incarnation.scn
scenarios += tests/scenarios/stuck-after-data.scn
scenarios += tests/scenarios/stuck-behind-a-gap.scn
scenarios += tests/scenarios/stuck-close-wait.scn
scenarios += tests/scenarios/stuck-closing.scn
scenarios += tests/scenarios/stuck-fin-wait-1.scn
scenarios += tests/scenarios/stuck-fin-wait-2.scn
scenarios += tests/scenarios/stuck-last-ack.scn
scenarios += tests/scenarios/stuck-syn-rcvd.scn
scenarios += tests/scenarios/syn-ack-again-by-a-slow-timer.scn
scenarios += tests/scenarios/syn-ack-again-captured-twice.scn
scenarios += tests/scenarios/syn-ack-again-crosses-a-reset.scn
scenarios += tests/scenarios/syn-ack-given-up.scn
scenarios += tests/scenarios/syn-ack-lost-before-the-tap.scn
scenarios += tests/scenarios/syn-ack-of-an-unseen-syn-into-time-wait.scn
scenarios += tests/scenarios/syn-ack-of-an-unseen-syn.scn
scenarios += tests/scenarios/syn-ack-of-another-host.scn
scenarios += tests/scenarios/syn-ack-passes-after-its-ack.scn
scenarios += tests/scenarios/syn-ack-passes-before-the-syn.scn
scenarios += tests/scenarios/syn-ack-with-another-isn.scn
scenarios += tests/scenarios/syn-acks-copied-in-either-order.scn
scenarios += tests/scenarios/syn-acks-held-up.scn
scenarios += tests/scenarios/syn-acks-on-two-paths.scn
scenarios += tests/scenarios/syn-again-crosses-its-refusal.scn
scenarios += tests/scenarios/syn-flood.scn
scenarios += tests/scenarios/syn-kills-time-wait.scn
scenarios += tests/scenarios/syn-proxy-again-with-another-ttl.scn
scenarios += tests/scenarios/syn-proxy-with-a-ttl-of-its-own.scn
scenarios += tests/scenarios/syn-rcvd-ends-64-s-after-its-last-syn-ack.scn
scenarios += tests/scenarios/syn-rcvd-survives-its-rst.scn
scenarios += tests/scenarios/syn-repeated-after-the-syn-ack.scn
scenarios += tests/scenarios/syn-reset-with-wrong-ack.scn
scenarios += tests/scenarios/syn-scan-of-silent-hosts.scn
scenarios += tests/scenarios/syn-scan.scn
scenarios += tests/scenarios/syn-sent-with-another-isn.scn
scenarios += tests/scenarios/time-wait-accumulation.scn
scenarios += tests/scenarios/time-wait-assassinated.scn
scenarios += tests/scenarios/time-wait-at-two-services.scn
scenarios += tests/scenarios/time-wait-begins-anew.scn
scenarios += tests/scenarios/time-wait-ends-at-2-msl.scn
scenarios += tests/scenarios/time-wait-outlasts-patience.scn
scenarios += tests/scenarios/time-wait-reuse.scn
scenarios += tests/scenarios/timestamps-from-zero.scn
scenarios += tests/scenarios/transfer-cancelled.scn
scenarios += tests/scenarios/two-connections-at-once.scn
scenarios += tests/scenarios/two-resets-challenged-sooner-than-expected.scn
scenarios += tests/scenarios/unusual-flags-that-are-fine.scn
scenarios += tests/scenarios/upload-cut-by-an-early-answer.scn
scenarios += tests/scenarios/very-slow-clients-are-no-flood.scn
scenarios += tests/scenarios/window-probe-is-no-keep-alive.scn
scenarios += tests/scenarios/window-update-not-captured.scn
scenarios += tests/scenarios/xmas-scan.scn

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
tests_model_test_model_SOURCES += tests/model/short-way.c
tests_model_test_model_SOURCES += tests/model/sim-check.c
tests_model_test_model_SOURCES += tests/model/sim.h
tests_model_test_model_SOURCES += tests/model/test-model.c
# What puts the packets of a capture into tunnels.
check_PROGRAMS += tests/tools/wrap-pcap
tests_tools_wrap_pcap_SOURCES =
tests_tools_wrap_pcap_SOURCES += tests/tools/wrap-pcap.c
tests_tools_wrap_pcap_SOURCES += tests/tools/wraps.c
tests_tools_wrap_pcap_SOURCES += tests/tools/wraps.h
tests_tools_wrap_pcap_LDADD =

# What makes captures that look odd, for the line that tcpdump prints.
check_PROGRAMS += tests/tools/odd-pcap
tests_tools_odd_pcap_SOURCES =
tests_tools_odd_pcap_SOURCES += tests/tools/odd-headers.c
tests_tools_odd_pcap_SOURCES += tests/tools/odd-links.c
tests_tools_odd_pcap_SOURCES += tests/tools/odd-options.c
tests_tools_odd_pcap_SOURCES += tests/tools/odd-pcap.c
tests_tools_odd_pcap_SOURCES += tests/tools/odd.h
tests_tools_odd_pcap_LDADD =

# What is strict about JSON.
check_PROGRAMS += tests/tools/json-lines
tests_tools_json_lines_SOURCES = tests/tools/json-lines.c
tests_tools_json_lines_LDADD =

# The benchmark. All of it is built and tried by check, at a tiny size; no time is judged there.
check_PROGRAMS += tests/bench/generate
tests_bench_generate_SOURCES =
tests_bench_generate_SOURCES += tests/bench/generate.c
tests_bench_generate_SOURCES += tests/bench/wire.c
tests_bench_generate_SOURCES += tests/bench/wire.h
tests_bench_generate_LDADD =
check_PROGRAMS += tests/bench/floor
tests_bench_floor_SOURCES = tests/bench/floor.c
tests_bench_floor_LDADD = $(PCAP_LIBS)
check_PROGRAMS += tests/bench/measure
tests_bench_measure_SOURCES = tests/bench/measure.c
tests_bench_measure_LDADD =
EXTRA_DIST += tests/bench/linear.sh
EXTRA_DIST += tests/bench/run.sh
EXTRA_DIST += tests/bench/table.awk

# Takes minutes and some gigabytes; BENCH_FACTOR=0.1 takes a tenth. tests/bench/run.sh says what else can be set.
.PHONY: bench
bench: wirestate$(EXEEXT) tests/bench/generate$(EXEEXT) tests/bench/floor$(EXEEXT) tests/bench/measure$(EXEEXT)
	@GENERATE=tests/bench/generate FLOOR=tests/bench/floor MEASURE=tests/bench/measure WIRESTATE=./wirestate \
		AWK='$(AWK)' $(SHELL) $(top_srcdir)/tests/bench/run.sh
# A hundred million frames, which takes some minutes.
.PHONY: bench-linear
bench-linear: wirestate$(EXEEXT) tests/bench/generate$(EXEEXT) tests/bench/measure$(EXEEXT)
	@GENERATE=tests/bench/generate MEASURE=tests/bench/measure WIRESTATE=./wirestate \
		AWK='$(AWK)' $(SHELL) $(top_srcdir)/tests/bench/linear.sh

# The fuzz targets. check runs them without an engine, make fuzz with one (tests/fuzz/run.sh).
fuzz_targets =
fuzz_targets += tests/fuzz/fuzz-analysis
fuzz_targets += tests/fuzz/fuzz-fragments
fuzz_targets += tests/fuzz/fuzz-link
fuzz_targets += tests/fuzz/fuzz-reader
check_PROGRAMS += $(fuzz_targets)
fuzz_common = tests/fuzz/common.c tests/fuzz/driver.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_analysis_SOURCES = tests/fuzz/fuzz-analysis.c $(fuzz_common)
tests_fuzz_fuzz_fragments_SOURCES = tests/fuzz/fuzz-fragments.c $(fuzz_common)
tests_fuzz_fuzz_link_SOURCES = tests/fuzz/fuzz-link.c $(fuzz_common)
tests_fuzz_fuzz_reader_SOURCES = tests/fuzz/fuzz-reader.c $(fuzz_common)
check_PROGRAMS += tests/fuzz/file-seeds
tests_fuzz_file_seeds_SOURCES = tests/fuzz/file-seeds.c tests/fuzz/fuzz.h
check_PROGRAMS += tests/fuzz/frame-seeds
tests_fuzz_frame_seeds_SOURCES = tests/fuzz/frame-seeds.c tests/fuzz/common.c tests/fuzz/fuzz.h
fuzz_scripts =
fuzz_scripts += tests/fuzz/engine.mk
fuzz_scripts += tests/fuzz/run.sh
fuzz_scripts += tests/fuzz/seeds.sh
fuzz_corpus =
fuzz_corpus += tests/fuzz/corpus/analysis/beyond-all-times.pcapng
fuzz_corpus += tests/fuzz/corpus/analysis/evicted-relative.pcap
fuzz_corpus += tests/fuzz/corpus/analysis/fin-again-56-years-before.pcap
fuzz_corpus += tests/fuzz/corpus/analysis/fin-alone-acknowledged.pcap
fuzz_corpus += tests/fuzz/corpus/analysis/fin-quiet-without-acks.pcap
fuzz_corpus += tests/fuzz/corpus/analysis/syn-acks-136-years-apart.pcap
fuzz_corpus += tests/fuzz/corpus/fragments/in-order
fuzz_corpus += tests/fuzz/corpus/fragments/ipv6-overlapping
fuzz_corpus += tests/fuzz/corpus/fragments/longest-header-comes-last
fuzz_corpus += tests/fuzz/corpus/fragments/last-first
fuzz_corpus += tests/fuzz/corpus/reader/damaged-lzma2.xz
fuzz_corpus += tests/fuzz/corpus/reader/damaged.zst
fuzz_corpus += tests/fuzz/corpus/reader/odd-section-length.pcapng
fuzz_corpus += tests/fuzz/corpus/reader/section-before-an-interface.pcapng
fuzz_corpus += tests/fuzz/corpus/reader/usb-of-the-other-byte-order

.PHONY: fuzz
fuzz: tests/fuzz/file-seeds$(EXEEXT) tests/fuzz/frame-seeds$(EXEEXT) tests/tools/odd-pcap$(EXEEXT) tests/tools/scn2pcap$(EXEEXT) \
		tests/tools/wrap-pcap$(EXEEXT)
	@$(AM_TESTS_ENVIRONMENT) FILE_SEEDS=tests/fuzz/file-seeds FRAME_SEEDS=tests/fuzz/frame-seeds MAKE='$(MAKE)' FUZZ_AR='$(AR)' \
		FUZZ_SOURCES='$(src_libwirestate_a_SOURCES)' FUZZ_LIBS='$(PCAP_LIBS) $(GLIB_LIBS) $(COMPRESSION_LIBS)' \
		FUZZ_CPPFLAGS='$(DEFS) -I. $(AM_CPPFLAGS)' $(SHELL) $(top_srcdir)/tests/fuzz/run.sh

# Takes as long as check. What the fuzz targets run does not count: they do not say what has to come out.
COVERAGE_TESTS = $(unit_tests) $(model_tests) $(scenarios) $(cli_tests) tests/golden/run
.PHONY: coverage
coverage:
	@test '$(enable_coverage)' = yes || { echo "make coverage: this is no build of configure --enable-coverage"; exit 2; }
	find . -name '*.gcda' -exec rm -f {} +
	$(MAKE) check TESTS='$(COVERAGE_TESTS)'
	@$(SHELL) $(top_srcdir)/tests/coverage.sh

cli_tests =
cli_tests += tests/cli/agreement.sh
cli_tests += tests/cli/bench.sh
cli_tests += tests/cli/checksums.sh
cli_tests += tests/cli/counts.sh
cli_tests += tests/cli/damaged.sh
cli_tests += tests/cli/exit-status.sh
cli_tests += tests/cli/fragments.sh
cli_tests += tests/cli/ip-lengths.sh
cli_tests += tests/cli/kinds.sh
cli_tests += tests/cli/lab-table.sh
cli_tests += tests/cli/layers.sh
cli_tests += tests/cli/link-lines.sh
cli_tests += tests/cli/links.sh
cli_tests += tests/cli/lists.sh
cli_tests += tests/cli/live.sh
cli_tests += tests/cli/man-examples.sh
cli_tests += tests/cli/man-words.sh
cli_tests += tests/cli/max-connections.sh
cli_tests += tests/cli/one-cause.sh
cli_tests += tests/cli/options.sh
cli_tests += tests/cli/progress.sh
cli_tests += tests/cli/signals.sh
cli_tests += tests/cli/snapped.sh
cli_tests += tests/cli/tcpdump-lines.sh
cli_tests += tests/cli/truth.sh
cli_tests += tests/cli/tshark-completeness.sh
cli_tests += tests/cli/unasked.sh
cli_tests += tests/cli/zeek-words.sh

# The views over real captures: tests/golden/list says which, the .out files what has to come.
golden =
golden += tests/golden/abort-on-overflow.out
golden += tests/golden/accept-queue-full.out
golden += tests/golden/anomalies-none.out
golden += tests/golden/anomalies.out
golden += tests/golden/close-race.out
golden += tests/golden/close-unread.out
golden += tests/golden/connect-close.out
golden += tests/golden/connect-timeout.out
golden += tests/golden/deferred-accept.out
golden += tests/golden/fast-open.out
golden += tests/golden/fin-beyond-hole.out
golden += tests/golden/half-close-never-closed.out
golden += tests/golden/half-open-discovery.out
golden += tests/golden/half-open-reboot.out
golden += tests/golden/health-checks.out
golden += tests/golden/histogram-at.out
golden += tests/golden/histogram.out
golden += tests/golden/hosts.out
golden += tests/golden/json-anomalies.out
golden += tests/golden/json-connections.out
golden += tests/golden/json-histogram-local.out
golden += tests/golden/json-histogram.out
golden += tests/golden/json-hosts.out
golden += tests/golden/json-nanoseconds.out
golden += tests/golden/json-summary.out
golden += tests/golden/json-timeline.out
golden += tests/golden/keep-alive-dead.out
golden += tests/golden/keep-alive.out
golden += tests/golden/killed.out
golden += tests/golden/last-ack-lost-behind.out
golden += tests/golden/last-ack-lost.out
golden += tests/golden/linger0.out
golden += tests/golden/loopback.out
golden += tests/golden/midstream.out
golden += tests/golden/no-such-host.out
golden += tests/golden/one-way.out
golden += tests/golden/port-scan.out
golden += tests/golden/refused.out
golden += tests/golden/rejected-by-firewall.out
golden += tests/golden/reset-by-firewall.out
golden += tests/golden/retransmission.out
golden += tests/golden/seen-twice.out
golden += tests/golden/selected-at-the-end.out
golden += tests/golden/self-connect.out
golden += tests/golden/server-closes-first.out
golden += tests/golden/shutdown-read.out
golden += tests/golden/shutdown-write.out
golden += tests/golden/simultaneous-close.out
golden += tests/golden/simultaneous-open.out
golden += tests/golden/sockets-client.out
golden += tests/golden/sockets-server.out
golden += tests/golden/summary-clean.out
golden += tests/golden/summary-errors.out
golden += tests/golden/summary-selected.out
golden += tests/golden/summary-skipped.out
golden += tests/golden/syn-ack-never-acked.out
golden += tests/golden/syn-flood.out
golden += tests/golden/syn-lost.out
golden += tests/golden/syn-proxy.out
golden += tests/golden/time-wait-reuse.out

# The kernel as judge. What it recorded stays in the build folder, for tests/live/judge.
live_tests =
live_tests += tests/live/lab.sh
laboratory =
laboratory += tests/live/README.md
laboratory += tests/live/explain.py
laboratory += tests/live/judge
laboratory += tests/live/laboratory/__init__.py
laboratory += tests/live/laboratory/breaking.py
laboratory += tests/live/laboratory/closing.py
laboratory += tests/live/laboratory/forging.py
laboratory += tests/live/laboratory/losing.py
laboratory += tests/live/laboratory/many.py
laboratory += tests/live/laboratory/network.py
laboratory += tests/live/laboratory/opening.py
laboratory += tests/live/laboratory/partial.py
laboratory += tests/live/laboratory/peer.py
laboratory += tests/live/laboratory/reusing.py
laboratory += tests/live/laboratory/scenario.py
laboratory += tests/live/laboratory/trace.py
laboratory += tests/live/record
laboratory += tests/live/transitions.py

# All scenarios, with those that wait for long timers, and the score.
lab: wirestate
	$(AM_TESTS_ENVIRONMENT) LAB_OPTIONS=--all JUDGE_OPTIONS=--score $(SHELL) $(top_srcdir)/tests/live/lab.sh
.PHONY: lab

clean-local:
	rm -rf coverage coverage.json fuzz-data recorded tests/bench/data

# What the tests read or run and is not a test itself.
EXTRA_DIST += $(cli_tests) $(scenarios)
EXTRA_DIST += $(fuzz_corpus) $(fuzz_scripts) tests/fuzz/corpus.sh
EXTRA_DIST += $(golden)
EXTRA_DIST += $(live_tests) $(laboratory)
EXTRA_DIST += tests/README.md
EXTRA_DIST += tests/coverage.sh
EXTRA_DIST += tests/cli/change.sh
EXTRA_DIST += tests/cli/run.sh
EXTRA_DIST += tests/tools/on-terminal
EXTRA_DIST += tests/cli/zeek-words.list
EXTRA_DIST += tests/golden/list
EXTRA_DIST += tests/golden/run
EXTRA_DIST += tests/lib.sh
EXTRA_DIST += tests/run-scenario
EXTRA_DIST += tests/scenario.awk
EXTRA_DIST += tests/unit/capture-file.h
EXTRA_DIST += tests/unit/capture-bytes.h
EXTRA_DIST += tests/unit/decode-case.h
EXTRA_DIST += tests/unit/detect-case.h
EXTRA_DIST += tests/unit/words-case.h

# The one that takes longest begins first.
TESTS += $(live_tests)
TESTS += $(unit_tests) $(model_tests) $(scenarios) $(cli_tests)
TESTS += tests/fuzz/corpus.sh
TESTS += tests/golden/run

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
	ODD_PCAP=$(abs_top_builddir)/tests/tools/odd-pcap; \
	WRAP_PCAP=$(abs_top_builddir)/tests/tools/wrap-pcap; \
	JSON_LINES=$(abs_top_builddir)/tests/tools/json-lines; \
	AWK='$(AWK)'; \
	G_TEST_SRCDIR=$(abs_top_srcdir)/tests; \
	export TZ LC_ALL G_DEBUG MALLOC_PERTURB_ abs_top_srcdir abs_top_builddir WIRESTATE SCN2PCAP ODD_PCAP WRAP_PCAP JSON_LINES \
		AWK G_TEST_SRCDIR;

# Writes the expectations anew. The difference is read, and explained where it is committed.
.PHONY: update-golden
update-golden: wirestate$(EXEEXT)
	$(AM_TESTS_ENVIRONMENT) $(SHELL) $(top_srcdir)/tests/golden/run --update
