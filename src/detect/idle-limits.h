/* After how long without a segment well-known devices and programs drop a connection. Knows the
 * figures and whose they are; knows no connection. */
#ifndef WIRESTATE_DETECT_IDLE_LIMITS_H
#define WIRESTATE_DETECT_IDLE_LIMITS_H

#include "base/nstime.h"

/* Whose limit it is that @idle equals, for a sentence: "the AWS Network Load Balancer and NAT
 * gateway"; NULL: nobody's that is known. @limit is set to the limit itself. */
const char *idle_limit_of(NsTime idle, NsTime *limit);

#endif
