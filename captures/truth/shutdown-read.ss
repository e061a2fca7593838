# the client has shut its reading half down
1795175470.741396 client ESTAB [2001:db8:1::1]:52176 [2001:db8:2::2]:80
1795175470.741396 server ESTAB [2001:db8:2::2]:80 [2001:db8:1::1]:52176
# data came all the same
1795175471.020276 client ESTAB [2001:db8:1::1]:52176 [2001:db8:2::2]:80
1795175471.020276 server ESTAB [2001:db8:2::2]:80 [2001:db8:1::1]:52176
# closed
1795175471.297719 client TIME-WAIT [2001:db8:1::1]:52176 [2001:db8:2::2]:80
1795175471.297719 server none
