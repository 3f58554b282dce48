# base: solution
# Everything right.
