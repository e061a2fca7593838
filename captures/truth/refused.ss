# after the RST
1795175468.897523 client none
1795175468.897523 server none
