/* For tests of the detectors: frames are made, and what is raised is kept. */
#ifndef WIRESTATE_TESTS_DETECT_CASE_H
#define WIRESTATE_TESTS_DETECT_CASE_H

#include <glib.h>
#include <string.h>

#include "detect/detect.h"

#define LINKTYPE_RAW 101

/* Monday, 1 January 2024, 00:00:00 UTC. */
#define BEGIN (INT64_C(1704067200) * NSTIME_SECOND)

/* The most anomalies that a test looks at. */
#define KEPT 16

typedef struct {
	AnomalyKind kind;
	Severity severity;
	unsigned connection; /* 0: none */
	uint64_t frames[ANOMALY_FRAMES_MAX];
	char *message;
	char *hint; /* as given; NULL: the kind's own */
} Kept;

/* An analysis with all detectors, and a report that keeps what they raise. */
typedef struct {
	Observer observer; /* first: the report is one */
	Analysis *analysis;
	uint64_t frames; /* that were made */
	NsTime now;      /* of the next frame */
	unsigned raised; /* how many anomalies */
	unsigned by_kind[ANOMALY_KIND_COUNT];
	Kept kept[KEPT];
} Fixture;

static inline void keep(Observer *observer, const Anomaly *anomaly)
{
	Fixture *fixture = (Fixture *)observer;
	Kept *kept = &fixture->kept[fixture->raised];

	fixture->by_kind[anomaly->kind]++;
	if (fixture->raised == KEPT)
		return;
	fixture->raised++;
	*kept = (Kept){
		.kind = anomaly->kind,
		.severity = anomaly->severity,
		.connection = anomaly->connection ? anomaly->connection->number : 0,
		.message = g_strdup(anomaly->message),
		.hint = g_strdup(anomaly->hint),
	};
	memcpy(kept->frames, anomaly->frames, sizeof(kept->frames));
}

static inline void leave(Observer *observer)
{
	(void)observer;
}

/* @data: --max-connections; NULL: unlimited. */
static inline void set_up(Fixture *fixture, gconstpointer data)
{
	AnalysisOptions options = { .msl = ANALYSIS_DEFAULT_MSL,
				    .stuck = ANALYSIS_DEFAULT_STUCK,
				    .max = GPOINTER_TO_UINT(data) };

	fixture->observer.anomaly = keep;
	fixture->observer.free = leave;
	fixture->now = BEGIN;
	fixture->analysis = analysis_new(&options);
	detect_add_all(fixture->analysis);
	analysis_add_report(fixture->analysis, &fixture->observer);
}

static inline void tear_down(Fixture *fixture, gconstpointer data)
{
	(void)data;
	analysis_free(fixture->analysis);
	for (unsigned i = 0; i < fixture->raised; i++) {
		g_free(fixture->kept[i].message);
		g_free(fixture->kept[i].hint);
	}
}

static inline void put32(uint8_t *p, uint32_t value)
{
	p[0] = value >> 24;
	p[1] = value >> 16;
	p[2] = value >> 8;
	p[3] = value;
}

/* A segment without options of which @payload bytes were not captured, from host[0] to host[1]. */
static inline void send_between(Fixture *fixture, const uint32_t host[2], const uint16_t port[2],
				unsigned flags, uint32_t seq, uint32_t ack, unsigned payload)
{
	uint8_t bytes[40] = { 0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6 };
	Frame frame = {
		.number = ++fixture->frames,
		.accepted = fixture->frames,
		.time = fixture->now,
		.caplen = sizeof(bytes),
		.len = sizeof(bytes) + payload,
		.linktype = LINKTYPE_RAW,
		.data = bytes,
	};

	bytes[2] = (40 + payload) >> 8;
	bytes[3] = 40 + payload;
	put32(bytes + 12, host[0]);
	put32(bytes + 16, host[1]);
	bytes[20] = port[0] >> 8;
	bytes[21] = port[0];
	bytes[22] = port[1] >> 8;
	bytes[23] = port[1];
	put32(bytes + 24, seq);
	put32(bytes + 28, ack);
	bytes[32] = 5 << 4;
	bytes[33] = flags;
	bytes[34] = 0xfa;
	analysis_frame(fixture->analysis, &frame);
}

/* The same between addresses of which the last byte is given, 192.0.2.0/24. */
static inline void send_segment(Fixture *fixture, const uint8_t host[2], const uint16_t port[2],
				unsigned flags, uint32_t seq, uint32_t ack, unsigned payload)
{
	send_between(fixture, (uint32_t[]){ 0xc0000200u + host[0], 0xc0000200u + host[1] }, port,
		     flags, seq, ack, payload);
}

static inline void finish(Fixture *fixture)
{
	InputStats input = { .frames = fixture->frames };

	analysis_finish(fixture->analysis, &input);
}

#endif
