module chansel/bench

go 1.19
