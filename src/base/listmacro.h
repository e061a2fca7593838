/* An enumeration and the names of its members out of one list, so that they cannot drift apart.
 *
 * A list is a macro that applies another to each of its rows, the enum member first and its name
 * second: #define COLOUR_LIST(X) X(COLOUR_RED, "red") X(COLOUR_BLUE, "blue"). Further columns are
 * for the list's own use. */
#ifndef WIRESTATE_BASE_LISTMACRO_H
#define WIRESTATE_BASE_LISTMACRO_H

/* The rows as members of an enum. */
#define LIST_ENUM_MEMBER(member, ...) member,

/* The rows as elements of an array of names indexed by the enum. */
#define LIST_NAME(member, name, ...) [member] = name,

#endif
