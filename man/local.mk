dist_man_MANS += man/wirestate.1
