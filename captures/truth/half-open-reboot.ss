# before
1795175465.338808 client ESTAB 192.0.2.1:59738 198.51.100.2:5432
1795175465.338808 server ESTAB 198.51.100.2:5432 192.0.2.1:59738
# the server has lost its state
1795175465.570619 client ESTAB 192.0.2.1:59738 198.51.100.2:5432
# not to be known here: 1795175465.570619 server none
# the client's data met an RST
1795175465.882554 client none
1795175465.882554 server none
