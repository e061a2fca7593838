/* Lines that are written as they come, or kept until it is known whose are wanted. Knows the
 * selection; knows nothing of what is in a line. */
#include "report/lines.h"

#include "report/final-view.h"
#include "report/text.h"

/* A piece of the kept text. */
typedef struct {
	size_t offset, length; /* where it stands in the text */
	unsigned number;       /* its connection's */
	size_t next;           /* the next piece of the same connection; 0: none */
} Piece;

struct Lines {
	const ReportContext *context; /* the view's */
	bool all;                     /* nothing is selected */
	bool keep;                    /* the selection is known only at the end */
	GString *text;  /* where lines are made: the context's stream, or @kept. Borrowed */
	GString *kept;  /* everything that may be wanted, in order; NULL when nothing is kept */
	size_t taken;   /* how much of @kept is in pieces */
	GArray *pieces; /* Piece; the first is not used, so that 0 says none */
};

Lines *lines_new(const ReportContext *context)
{
	Lines *lines = g_new0(Lines, 1);

	lines->context = context;
	lines->all = selection_is_all(context->selection);
	lines->keep = selection_needs_end(context->selection);
	lines->text = context->stream;
	if (lines->keep) {
		lines->kept = g_string_new(NULL);
		lines->text = lines->kept;
		lines->pieces = g_array_new(FALSE, TRUE, sizeof(Piece));
		g_array_set_size(lines->pieces, 1);
	}
	return lines;
}

void lines_free(Lines *lines)
{
	if (!lines)
		return;
	if (lines->kept)
		g_string_free(lines->kept, TRUE);
	if (lines->pieces)
		g_array_unref(lines->pieces);
	g_free(lines);
}

bool lines_want(const Lines *lines, const Connection *connection)
{
	return lines->keep || lines->all ||
	       selection_matches(lines->context->selection, connection, 0);
}

bool lines_want_anomaly(const Lines *lines, const Anomaly *anomaly)
{
	if (anomaly->connection)
		return lines_want(lines, anomaly->connection);
	return selection_hosts_match(lines->context->selection, anomaly);
}

GString *lines_text(const Lines *lines)
{
	return lines->text;
}

void lines_put(Lines *lines, const Connection *connection)
{
	Piece piece = { 0 };

	if (!lines->keep) {
		text_stream(lines->context);
		return;
	}
	piece.offset = lines->taken;
	piece.length = lines->kept->len - lines->taken;
	piece.number = connection ? connection->number : 0;
	lines->taken = lines->kept->len;
	g_array_append_val(lines->pieces, piece);
}

static void write_piece(const Lines *lines, const Piece *piece)
{
	g_string_append_len(lines->context->stream, lines->kept->str + piece->offset,
			    (gssize)piece->length);
	text_stream(lines->context);
}

/* Each connection's pieces are chained once, so that the order costs no search. Number 0 is
 * everything that is about no connection. */
static void write_sorted(Lines *lines, const GArray *selected, unsigned numbers)
{
	g_autofree size_t *head = g_new0(size_t, (size_t)numbers + 1);

	for (size_t at = lines->pieces->len - 1; at > 0; at--) {
		Piece *piece = &g_array_index(lines->pieces, Piece, at);

		piece->next = head[piece->number];
		head[piece->number] = at;
	}
	for (unsigned rank = 0; rank <= selected->len; rank++) {
		size_t at = head[rank > 0 ? g_array_index(selected, unsigned, rank - 1) : 0];

		while (at != 0) {
			const Piece *piece = &g_array_index(lines->pieces, Piece, at);

			write_piece(lines, piece);
			at = piece->next;
		}
	}
}

static void write_in_time(const Lines *lines, const GArray *selected, unsigned numbers)
{
	g_autofree bool *wanted = g_new0(bool, (size_t)numbers + 1);

	wanted[0] = true;
	for (unsigned at = 0; at < selected->len; at++)
		wanted[g_array_index(selected, unsigned, at)] = true;
	for (size_t at = 1; at < lines->pieces->len; at++) {
		const Piece *piece = &g_array_index(lines->pieces, Piece, at);

		if (wanted[piece->number])
			write_piece(lines, piece);
	}
}

void lines_finish(Lines *lines, NsTime now)
{
	const Selection *selection = lines->context->selection;
	g_autoptr(Selected) selected = NULL;
	unsigned numbers = analysis_totals(lines->context->analysis)->connections;

	if (!lines->keep)
		return;
	selected = selected_new(lines->context, selection, now);
	if (selection->sort == SORT_NUMBER)
		write_in_time(lines, selected_numbers(selected), numbers);
	else
		write_sorted(lines, selected_numbers(selected), numbers);
}
