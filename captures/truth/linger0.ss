# all is read
1795175466.558055 client ESTAB [2001:db8:1::1]:52160 [2001:db8:2::2]:80
1795175466.558055 server ESTAB [2001:db8:2::2]:80 [2001:db8:1::1]:52160
# the client has closed
1795175466.841904 client none
1795175466.841904 server none
