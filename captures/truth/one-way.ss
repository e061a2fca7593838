# only the client's half is recorded
1795175468.337764 client ESTAB 192.0.2.1:39306 198.51.100.2:80
1795175468.337764 server ESTAB 198.51.100.2:80 192.0.2.1:39306
# the client has closed
# not to be known here: 1795175468.620963 client FIN-WAIT-2 192.0.2.1:39306 198.51.100.2:80
1795175468.620963 server CLOSE-WAIT 198.51.100.2:80 192.0.2.1:39306
# both have closed
# not to be known here: 1795175468.899011 client TIME-WAIT 192.0.2.1:39306 198.51.100.2:80
# not to be known here: 1795175468.899011 server none
