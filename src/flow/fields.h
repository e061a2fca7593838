/* The fields of a connection as words of 32 bits, and the other way round. Knows the fields; knows
 * nothing of what they mean for its states. */
#ifndef WIRESTATE_FLOW_FIELDS_H
#define WIRESTATE_FLOW_FIELDS_H

#include "flow/connection.h"

/* Words of a connection, and of its key, which come first. */
#define FIELD_WORDS     112u
#define FIELD_KEY_WORDS 16u

/* All fields but the record, the links, the number, the place and the slots. Most words are zero or
 * small when those of @connection are as is to be expected. */
void fields_freeze(uint32_t words[FIELD_WORDS], const Connection *connection);

/* The opposite. */
void fields_thaw(uint32_t words[FIELD_WORDS], Connection *connection);
void fields_thaw_key(uint32_t words[FIELD_KEY_WORDS], FlowKey *key);

#endif
