set(LATCHKEY_CPU_FLAGS "-mcpu=cortex-m3 -mfloat-abi=soft")
set(LATCHKEY_QEMU qemu-system-arm -M emcraft-sf2)
