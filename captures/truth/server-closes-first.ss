# the request is answered
1795175469.971192 client ESTAB [2001:db8:1::1]:52166 [2001:db8:2::2]:80
1795175469.971192 server ESTAB [2001:db8:2::2]:80 [2001:db8:1::1]:52166
# the server has closed, the client not yet
1795175470.301750 client CLOSE-WAIT [2001:db8:1::1]:52166 [2001:db8:2::2]:80
1795175470.301750 server FIN-WAIT-2 [2001:db8:2::2]:80 [2001:db8:1::1]:52166
# both have closed
1795175470.585911 client none
1795175470.585911 server TIME-WAIT [2001:db8:2::2]:80 [2001:db8:1::1]:52166
