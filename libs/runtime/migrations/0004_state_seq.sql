-- Numbers what stages store, in the order in which their transactions saw each other: see libs/runtime/kept.py.
create sequence state_seq;
