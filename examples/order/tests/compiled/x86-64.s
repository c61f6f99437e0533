# rustc 1.95.0 (59807616e 2026-04-14)
# ANCHOR: hoisted
wait_plain:
    cmp byte ptr [rdi], 0
    je .1
    ret
.1:
    jmp .1
wait_relaxed:
.1:
    movzx eax, byte ptr [rdi]
    test al, al
    je .1
    ret
# ANCHOR_END: hoisted
# ANCHOR: moved
ready_relaxed:
    mov byte ptr [rsi], 1
    mov dword ptr [rdi], 2
    ret
ready_release:
    mov dword ptr [rdi], 1
    mov byte ptr [rsi], 1
    mov dword ptr [rdi], 2
    ret
# ANCHOR_END: moved
twice_relaxed:
    mov dword ptr [rdi], 1
    mov dword ptr [rdi], 2
    ret
# ANCHOR: store
store_relaxed:
    mov dword ptr [rdi], 1
    ret
store_release:
    mov dword ptr [rdi], 1
    ret
store_seqcst:
    mov eax, 1
    xchg dword ptr [rdi], eax
    ret
# ANCHOR_END: store
load_relaxed:
    mov eax, dword ptr [rdi]
    ret
load_seqcst:
    mov eax, dword ptr [rdi]
    ret
add_relaxed:
    lock inc dword ptr [rdi]
    ret
add_seqcst:
    lock inc dword ptr [rdi]
    ret
