/* An interface as a pcapng file describes it. Knows options, time stamps and statistics; knows no
 * frame. Used in this folder only. */
#ifndef WIRESTATE_CAPTURE_PCAPNG_INTERFACE_H
#define WIRESTATE_CAPTURE_PCAPNG_INTERFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/nstime.h"

/* Frames that were lost before they reached the file. */
typedef struct {
	bool known;         /* some statistics said so */
	uint64_t kernel;    /* isb_osdrop: for want of room in a buffer */
	uint64_t interface; /* isb_ifdrop: by the interface */
} PcapngDrops;

typedef struct {
	int linktype;       /* DLT_* */
	uint32_t snaplen;   /* as the file means it */
	uint8_t resolution; /* if_tsresol: see pcapng_interface_time() */
	uint64_t units;     /* of time in a second; 0 when they do not fit */
	uint64_t scale;     /* nanoseconds in a unit, when it is a whole number of them; else 0 */
	int64_t offset;     /* if_tsoffset: seconds to be added */
	PcapngDrops drops;  /* by its latest statistics */
} PcapngInterface;

/* Makes an interface of an Interface Description Block: @body is what is between its lengths. False
 * when it is too short. Options that make no sense count as absent. */
bool pcapng_interface_read(PcapngInterface *interface, const uint8_t *body, size_t length,
			   bool swapped);

/* Whether its times are finer than a microsecond. */
bool pcapng_interface_is_fine(const PcapngInterface *interface);

/* A time stamp of it. What is before NSTIME_EARLIEST or after NSTIME_LATEST becomes these. */
NsTime pcapng_interface_time(const PcapngInterface *interface, uint64_t stamp);

/* Takes what an Interface Statistics Block says: @options are those of its body. */
void pcapng_interface_count(PcapngInterface *interface, const uint8_t *options, size_t length,
			    bool swapped);

#endif
