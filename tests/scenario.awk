# Holds the output of wirestate against the expectations of a scenario (tests/README.md).
# usage: awk -v mode=all|INSTANT -f scenario.awk FILE.scn JSON; prints a line for each difference.
#
# Knows the language of scenarios and the fields of the JSON; knows no TCP. In `all` everything in
# the output of --timeline --connections must be expected and the other way round; an INSTANT
# compares its `at` lines with --connections --at INSTANT.

BEGIN {
	base = 1704067200	# where scn2pcap lets captures begin
	frames = 0		# captured frames so far in the scenario
	last = 0		# the last one that was a TCP segment
	expected = found = 0
	connections = 0
	checks = 0
	matched = 0		# what was said up to here was expected
}

# ---- the scenario ----

FNR == NR {
	line = $0
	sub(/^[ \t]+/, "", line)
	if (line ~ /^repeat /) {
		split(line, word, " ")
		times = word[2]
		kept = 0
	} else if (line ~ /^endrepeat/) {
		for (n = 1; n <= times; n++)
			for (i = 1; i <= kept; i++) {
				repeated = keep[i]
				gsub(/%/, n, repeated)
				scenario_line(repeated, keep_line[i])
			}
		times = 0
	} else if (times > 0) {
		keep[++kept] = line
		keep_line[kept] = FNR
	} else {
		scenario_line(line, FNR)
	}
	next
}

function scenario_line(line, number,    word, n) {
	n = split(line, word, /[ \t]+/)
	if (line ~ /^[+@]/)
		scenario_segment(word)
	else if (word[1] == "client") {
		name_of[++connections] = ""
		client_end = word[2]
	} else if (word[1] == "server")
		self_connect = word[2] == client_end
	else if (word[1] == "conn")
		name_of[++connections] = word[2]
	else if (word[1] == "=" || word[1] == "!")
		scenario_expectation(word, n, number)
	else if (word[1] == "~")
		x_words[expected] = substr(line, 3)
	else if (word[1] == "not")
		for (n = 2; n in word; n++)
			unwanted[word[n]] = number
	else if (word[1] == "end" && mode == "all")
		scenario_states(line, 1, number)
	else if (word[1] == "at" && word[2] == mode)
		scenario_states(line, 2, number)
}

function scenario_segment(word,    i, name, part) {
	if (word[2] == "tick") {
		frames++
		return
	}
	for (i = 2; word[i] != ">" && word[i] != "<"; i++) {
		if (word[i] == "lost")
			return
		name = word[i]
	}
	frames++
	if (word[i + 1] == "icmp")
		return
	last = frames
	split(word[i + 2], part, /[()]/)
	segment_of[frames] = name "|" (word[i] == ">" ? "client" : "server") "|" word[i + 1] "|" \
		part[2]
}

# A side as `client` or `NAME.client`.
function connection_part(side) {
	return side ~ /\./ ? substr(side, 1, index(side, ".") - 1) : ""
}

function side_part(side) {
	sub(/.*\./, "", side)
	return side
}

# `= SIDE FROM > TO BASIS [at T]` and `! KIND [SIDE [SEVERITY]] [FIELD=VALUE]... [at T]`.
# An event of a timer is looked for between the segments that stand around it.
function scenario_expectation(word, n, number,    i, e) {
	e = ++expected
	x_line[e] = number
	x_time[e] = ""
	x_text[e] = word[1]
	for (i = 2; i <= n; i++)
		x_text[e] = x_text[e] " " word[i]
	if (n > 2 && word[n - 1] == "at") {
		x_time[e] = word[n]
		n -= 2
	}
	x_group[e] = x_time[e] != "" || at_end ? last "t" : frames
	x_type[e] = word[1]
	if (word[1] == "=") {
		if (n != 6 || word[4] != ">")
			print "line " number ": not understood"
		x_key[e] = connection_part(word[2]) "|" side_part(word[2]) "|" word[3] "|" word[5] \
			"|" word[6]
		return
	}
	x_key[e] = word[2]
	x_fields[e] = ""
	for (i = 3; i <= n; i++) {
		if (word[i] ~ /=/)
			x_fields[e] = x_fields[e] " " word[i]
		else if (i == 3)
			x_fields[e] = x_fields[e] " " \
				(word[i] ~ /\./ ? "connection=" connection_part(word[i]) " " : "") \
				"side=" side_part(word[i])
		else
			x_fields[e] = x_fields[e] " severity=" word[i]
	}
}

# `~ WORDS` under an anomaly: they stand in its sentence or its hint. `not KIND...`: no such anomaly comes, though
# it is near.

# `end [NAME] client STATE[?|!], server STATE[?|!] [open=WORD] [close=WORD]`: `?` is not proven,
# `!` is proven, neither leaves that open.
function scenario_states(line, skip, number,    word, n, i) {
	n = split(line, word, /[ \t,]+/)
	i = skip + 1
	checks++
	check_line[checks] = number
	check_name[checks] = word[i] == "client" || word[i] ~ /=/ ? "" : word[i++]
	check_fields[checks] = ""
	for (; i <= n; i++) {
		if (word[i] == "client" || word[i] == "server") {
			check_fields[checks] = check_fields[checks] " " word[i] "=" word[i + 1]
			i++
		} else if (word[i] != "") {
			check_fields[checks] = check_fields[checks] " " word[i]
		}
	}
	if (mode == "all")
		at_end = 1
}

# ---- what wirestate said ----

# The value of the first field of that name; strings without their quotes.
function field(object, name,    rest, i) {
	i = index(object, "\"" name "\":")
	if (i == 0)
		return "(no " name ")"
	rest = substr(object, i + length(name) + 3)
	sub(/^ /, "", rest)
	if (substr(rest, 1, 1) == "\"") {
		rest = substr(rest, 2)
		return substr(rest, 1, index(rest, "\"") - 1)
	}
	if (substr(rest, 1, 1) == "[")
		return substr(rest, 2, index(rest, "]") - 2)
	match(rest, /^[^,}]*/)
	return substr(rest, 1, RLENGTH)
}

# The nested object of that name.
function object_field(object, name,    rest) {
	rest = substr(object, index(object, "\"" name "\":{"))
	return substr(rest, 1, index(rest, "}"))
}

# A self-connect is one socket, whose transitions are the client's.
function state(c, side) {
	if (self_connect)
		side = "client"
	return (c SUBSEP side) in state_of ? state_of[c, side] : "UNKNOWN"
}

# After all events of a segment its client_state and server_state must be where these lead.
function compare_segment_states(    s, want) {
	if (seen_connection == "")
		return
	for (s in seen_state) {
		want = state(seen_connection, s)
		if (seen_state[s] != want)
			print "frame " seen_frame ": " s "_state is " seen_state[s] \
				", the transitions lead to " want
	}
	seen_connection = ""
}

{ type = field($0, "type") }

type == "segment" {
	compare_segment_states()
	seen_frame = field($0, "frame")
	seen_connection = field($0, "connection")
	seen_state["client"] = field($0, "client_state")
	seen_state["server"] = field($0, "server_state")
	said = name_of[seen_connection] "|" field($0, "side") "|" field($0, "flags") "|" \
		field($0, "len")
	if (said != segment_of[seen_frame])
		print "frame " seen_frame ": segment is " said ", not " segment_of[seen_frame]
	delete segment_of[seen_frame]
}

type == "transition" || type == "anomaly" {
	f = ++found
	a_object[f] = $0
	frame = field($0, "frame")
	a_group[f] = frame == "null" ? (seen_frame + 0) "t" : frame
	a_type[f] = type == "transition" ? "=" : "!"
	a_time[f] = field($0, "time") - base
	c = field($0, "connection")
	side = field($0, "side")
	where = (name_of[c] == "" ? "" : name_of[c] ".") side
	if (type == "anomaly") {
		a_key[f] = field($0, "kind")
		if (a_key[f] in unwanted)
			print "line " unwanted[a_key[f]] ": " a_key[f] " was raised, at frame " frame
		if (field($0, "message") == "" || field($0, "hint") == "" || field($0, "frames") == "")
			print "frame " frame ": " a_key[f] " lacks a sentence, a hint or evidence: " $0
		a_text[f] = "! " a_key[f] " " where " " field($0, "severity") \
			($0 ~ /"stage":/ ? " stage=" field($0, "stage") : "")
	} else {
		from = field($0, "from")
		to = field($0, "to")
		a_key[f] = name_of[c] "|" side "|" from "|" to "|" field($0, "basis")
		a_text[f] = "= " where " " from " > " to " " field($0, "basis")
		# A SYN-ACK is the answer of a listener, whatever was before.
		if ((c SUBSEP side) in state_of && state_of[c, side] != from &&
		    !(from == "LISTEN" && state_of[c, side] == "CLOSED"))
			print "frame " frame ": " a_text[f] ", but it was in " state_of[c, side]
		if (frame != seen_frame)
			compare_segment_states()
		state_of[c, side] = to
	}
	if (frame == "null")
		a_text[f] = a_text[f] " at " a_time[f]
}

type == "connection" {
	reported++
	compare_states($0, name_of[field($0, "connection")])
}

function compare_states(object, name,    i, n, part, pair, j, side, got) {
	for (i = 1; i <= checks; i++) {
		if (check_name[i] != name)
			continue
		check_done[i] = 1
		n = split(check_fields[i], part, " ")
		for (j = 1; j <= n; j++) {
			split(part[j], pair, "=")
			got = field(object, pair[1])
			if (pair[1] == "client" || pair[1] == "server") {
				side = object_field(object, pair[1])
				got = field(side, "state")
				if (pair[2] ~ /[?!]$/)
					got = got (field(side, "proven") == "true" ? "!" : "?")
			}
			if (got != pair[2])
				print "line " check_line[i] ": " pair[1] " is " got ", not " pair[2]
		}
	}
}

# ---- the comparison ----

function fields_match(object, fields,    n, part, i, pair, got) {
	n = split(fields, part, " ")
	for (i = 1; i <= n; i++) {
		split(part[i], pair, "=")
		got = field(object, pair[1])
		if (pair[1] == "connection")
			got = name_of[got]
		# A number says the same with more digits.
		if (got != pair[2] && !(got ~ /^[0-9.]+$/ && pair[2] ~ /^[0-9.]+$/ && got + 0 == pair[2] + 0))
			return 0
	}
	return 1
}

function words_match(object, words) {
	return words == "" || index(field(object, "message") "|" field(object, "hint"), words)
}

function matches(e, f) {
	if (a_used[f] || a_group[f] != x_group[e] || a_type[f] != x_type[e] || a_key[f] != x_key[e])
		return 0
	if (x_time[e] != "" && (a_time[f] - x_time[e] > 0.0000015 || x_time[e] - a_time[f] > 0.0000015))
		return 0
	return x_type[e] == "=" || (fields_match(a_object[f], x_fields[e]) && words_match(a_object[f], x_words[e]))
}

END {
	for (i = 1; i <= checks; i++)
		if (!(i in check_done))
			print "line " check_line[i] ": no such connection in the output"
	if (mode != "all")
		exit
	compare_segment_states()
	for (f in segment_of)
		print "frame " f ": no segment in the output (" segment_of[f] ")"
	if (reported != connections)
		print reported + 0 " connections in the output, not " connections
	for (e = 1; e <= expected; e++) {
		# Transitions of one segment have an order; anomalies have none.
		if (x_group[e] != group) {
			group = x_group[e]
			previous = 0
		}
		while (a_used[matched + 1])
			matched++
		for (f = matched + 1; f <= found && !matches(e, f); f++)
			;
		if (f > found) {
			print "line " x_line[e] ": missing: " x_text[e] (e in x_words ? " ~ " x_words[e] : "")
			continue
		}
		a_used[f] = 1
		if (x_type[e] == "=" && f < previous)
			print "line " x_line[e] ": out of order: " x_text[e]
		if (x_type[e] == "=")
			previous = f
	}
	for (f = 1; f <= found; f++)
		if (!a_used[f])
			print (a_group[f] ~ /t/ ? "after " : "") "frame " (a_group[f] + 0) \
				": not expected: " a_text[f]
}
