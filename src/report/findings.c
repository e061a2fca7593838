/* Anomalies, put together by severity, kind and what to do. Knows the selection; prints nothing. */
#include "report/findings.h"

#include <string.h>

#include "report/text.h"

struct Findings {
	const ReportContext *context; /* the view's */
	unsigned keep;                /* findings of a group; 0: all */
	bool all;                     /* nothing is selected */
	bool wait;                    /* the selection is known only at the end */
	GPtrArray *groups; /* FindingGroup, owned, in the order of their first findings */
	FindingGroup *first[SEVERITY_COUNT][ANOMALY_KIND_COUNT]; /* see FindingGroup.next */
};

static void finding_clear(void *data)
{
	g_free(((Finding *)data)->message);
}

static void group_free(void *data)
{
	FindingGroup *group = data;

	g_free(group->hint);
	g_array_unref(group->findings);
	g_free(group);
}

/* What asks for something else has another cause, and is a group of its own. */
static FindingGroup *group_of(Findings *findings, const Anomaly *anomaly)
{
	const char *hint = anomaly->hint ? anomaly->hint : anomaly_kind_hint(anomaly->kind);
	FindingGroup **at = &findings->first[anomaly->severity][anomaly->kind];

	while (*at && strcmp((*at)->hint, hint) != 0)
		at = &(*at)->next;
	if (*at)
		return *at;
	*at = g_new0(FindingGroup, 1);
	(*at)->kind = anomaly->kind;
	(*at)->severity = anomaly->severity;
	(*at)->hint = g_strdup(hint);
	(*at)->findings = g_array_new(FALSE, FALSE, sizeof(Finding));
	g_array_set_clear_func((*at)->findings, finding_clear);
	g_ptr_array_add(findings->groups, *at);
	return *at;
}

Findings *findings_new(const ReportContext *context, unsigned keep)
{
	Findings *findings = g_new0(Findings, 1);

	findings->context = context;
	findings->groups = g_ptr_array_new_with_free_func(group_free);
	findings->keep = keep;
	findings->all = selection_is_all(context->selection);
	findings->wait = findings_need_connections(context);
	return findings;
}

void findings_free(Findings *findings)
{
	if (!findings)
		return;
	g_ptr_array_unref(findings->groups);
	g_free(findings);
}

bool findings_need_connections(const ReportContext *context)
{
	return !selection_is_all(context->selection) && selection_needs_end(context->selection);
}

/* Whether it may be shown, as far as can be told now. */
static bool is_wanted(const Findings *findings, const Anomaly *anomaly)
{
	const Selection *selection = findings->context->selection;

	if (findings->all)
		return true;
	if (!anomaly->connection)
		return selection_hosts_match(selection, anomaly);
	return findings->wait || selection_matches(selection, anomaly->connection, 0);
}

static Finding finding_of(const Anomaly *anomaly)
{
	const Connection *connection = anomaly->connection;
	Finding finding = { .time = anomaly->time, .message = g_strdup(anomaly->message) };

	memcpy(finding.frames, anomaly->frames, sizeof(finding.frames));
	if (!connection)
		return finding;
	finding.number = connection->number;
	finding.client = connection->key.end[connection->client];
	finding.server = connection->key.end[!connection->client];
	finding.initiator = connection->key.end[connection->first_sender].addr;
	if (anomaly->side != ANOMALY_NO_SIDE)
		finding.side = connection_side_name(connection, anomaly->side);
	return finding;
}

static bool is_of(const Finding *finding, const AnomalyFold *fold)
{
	if (fold->number)
		return finding->number == fold->number;
	return finding->number && finding->time >= fold->since &&
	       !memcmp(&finding->initiator, &fold->host, sizeof(fold->host));
}

/* Leaves out what turned out to have a cause that is told as one. When there were more than are
 * kept, none of those that are left may be. */
static void take_back(Findings *findings, const AnomalyFold *fold)
{
	FindingGroup *first = findings->first[fold->severity][fold->kind];
	uint64_t left = fold->count;

	for (FindingGroup *group = first; group; group = group->next) {
		for (unsigned at = group->findings->len; at-- > 0 && left > 0;) {
			if (!is_of(&g_array_index(group->findings, Finding, at), fold))
				continue;
			g_array_remove_index(group->findings, at);
			group->count--;
			left--;
		}
	}
	for (FindingGroup *group = first; group && left > 0; group = group->next) {
		uint64_t unkept = MIN(left, group->count - group->findings->len);

		group->count -= unkept;
		left -= unkept;
	}
}

void findings_add(Findings *findings, const Anomaly *anomaly)
{
	FindingGroup *group;
	Finding finding;

	if (!is_wanted(findings, anomaly))
		return;
	for (unsigned i = 0; i < anomaly->fold_count; i++)
		take_back(findings, &anomaly->folds[i]);
	group = group_of(findings, anomaly);
	group->count++;
	if (!findings->wait && findings->keep != 0 && group->findings->len == findings->keep)
		return;
	finding = finding_of(anomaly);
	g_array_append_val(group->findings, finding);
}

/* Keeps what is about a selected connection. */
static void filter_group(FindingGroup *group, const bool *wanted, unsigned keep)
{
	GArray *kept = g_array_new(FALSE, FALSE, sizeof(Finding));

	g_array_set_clear_func(kept, finding_clear);
	group->count = 0;
	for (unsigned at = 0; at < group->findings->len; at++) {
		Finding *finding = &g_array_index(group->findings, Finding, at);

		if (!wanted[finding->number])
			continue;
		group->count++;
		if (keep != 0 && kept->len == keep)
			continue;
		g_array_append_val(kept, *finding);
		finding->message = NULL;
	}
	g_array_unref(group->findings);
	group->findings = kept;
}

void findings_finish(Findings *findings, const Selected *selected)
{
	g_autofree bool *wanted = NULL;
	const GArray *numbers;

	if (!findings->wait)
		return;
	wanted =
		g_new0(bool, (size_t)analysis_totals(findings->context->analysis)->connections + 1);
	/* What is about no connection was not taken unless it is wanted. */
	wanted[0] = true;
	numbers = selected_numbers(selected);
	for (unsigned at = 0; at < numbers->len; at++)
		wanted[g_array_index(numbers, unsigned, at)] = true;
	for (unsigned at = 0; at < findings->groups->len; at++)
		filter_group(findings->groups->pdata[at], wanted, findings->keep);
	findings->wait = false;
}

/* What stands for a group of which none was kept. */
static const Finding *first_of(const FindingGroup *group)
{
	static const Finding none = { .number = UINT_MAX, .time = NSTIME_NEVER };

	return group->findings->len ? &g_array_index(group->findings, Finding, 0) : &none;
}

static int compare_groups(const void *first, const void *second)
{
	const FindingGroup *a = *(const FindingGroup *const *)first;
	const FindingGroup *b = *(const FindingGroup *const *)second;
	const Finding *a_first = first_of(a);
	const Finding *b_first = first_of(b);

	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	/* What is said of a host or of the capture explains what is said of connections. */
	if (!a_first->number != !b_first->number)
		return !a_first->number ? -1 : 1;
	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	if (a_first->time != b_first->time)
		return a_first->time < b_first->time ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->hint, b->hint);
}

GPtrArray *findings_groups(Findings *findings)
{
	GPtrArray *groups = g_ptr_array_new();

	for (unsigned at = 0; at < findings->groups->len; at++) {
		FindingGroup *group = findings->groups->pdata[at];

		if (group->count > 0)
			g_ptr_array_add(groups, group);
	}
	g_ptr_array_sort(groups, compare_groups);
	return groups;
}

void findings_append_frames(GString *text, const Finding *finding)
{
	if (finding->frames[0] == 0)
		return;
	g_string_append(text, finding->frames[1] == 0 ? "  frame" : "  frames");
	for (unsigned at = 0; at < ANOMALY_FRAMES_MAX && finding->frames[at] != 0; at++) {
		g_string_append_c(text, ' ');
		text_number(text, finding->frames[at]);
	}
}
