using System.Runtime.InteropServices;

namespace Sightline.Native;

/// <summary>Lets the aligned blocks of LibTorch and oneDNN take the places of freed ones of their size. On Linux x64 with glibc only.</summary>
/// <remarks>
/// glibc's <c>posix_memalign</c> asks for the size, the alignment and 32 bytes more, and gives the rest back (malloc.c, <c>_int_memalign</c>, 2.36). So the
/// place of a freed tensor is always some bytes too small for the next one of its shape, and each step leaves gaps: half as much again as the tensors.
/// Here the calls of the two libraries go through a few instructions that ask <c>malloc</c> first, for a size that keeps its neighbours aligned, and take
/// the block where it is aligned, as a tensor's old place is; else they give it back and go on to glibc's. Blocks are freed as ever, and what is not x64,
/// glibc or writable is left as it is. The table of calls is that of the ELF gABI and the x86-64 psABI (relocation type 7, JUMP_SLOT).
/// </remarks>
internal static partial class AlignedBlocks
{
    /// <summary>Smaller blocks are glibc's own business.</summary>
    public const int Least = 4096;

    private const int Alignment = 64;
    private const long NoLimit = 1L << 46; // More than an address space has; sizes near 2^64 would wrap around.
    private const int PageSize = 4096;
    private const int TableOffset = PageSize;
    private const int MostOffset = TableOffset + 24;
    private static IntPtr pages;

    // int posix_memalign(void** block, size_t alignment, size_t size); the table holds malloc, free, glibc's posix_memalign, and the largest size.
    private static ReadOnlySpan<byte> Code =>
    [
        0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0,       // mov rax, table
        0x48, 0x83, 0xFE, Alignment,              // cmp rsi, 64
        0x77, 0x52,                               // ja  theirs
        0x48, 0x81, 0xFA, 0x00, 0x10, 0x00, 0x00, // cmp rdx, 4096
        0x72, 0x49,                               // jb  theirs
        0x48, 0x3B, 0x50, 0x18,                   // cmp rdx, [rax+24]
        0x77, 0x43,                               // ja  theirs
        0x53, 0x57, 0x56,                         // push rbx, rdi, rsi
        0x48, 0x83, 0xC2, 0x4F,                   // add rdx, 79
        0x48, 0x83, 0xE2, 0xC0,                   // and rdx, -64: with malloc's 8 bytes in front, a multiple of 64
        0x48, 0x83, 0xEA, 0x08,                   // sub rdx, 8
        0x52,                                     // push rdx
        0x48, 0x83, 0xEC, 0x08,                   // sub rsp, 8: calls want it at a multiple of 16
        0x48, 0x89, 0xC3,                         // mov rbx, rax
        0x48, 0x89, 0xD7,                         // mov rdi, rdx
        0xFF, 0x13,                               // call [rbx]: malloc
        0x48, 0x85, 0xC0,                         // test rax, rax
        0x74, 0x11,                               // jz  back
        0xA8, 0x3F,                               // test al, 63
        0x75, 0x0D,                               // jnz back
        0x48, 0x83, 0xC4, 0x10,                   // add rsp, 16
        0x5E, 0x5F, 0x5B,                         // pop rsi, rdi, rbx
        0x48, 0x89, 0x07,                         // mov [rdi], rax
        0x31, 0xC0,                               // xor eax, eax
        0xC3,                                     // ret
        0x48, 0x89, 0xC7,                         // back: mov rdi, rax
        0xFF, 0x53, 0x08,                         // call [rbx+8]: free
        0x48, 0x89, 0xD8,                         // mov rax, rbx
        0x48, 0x83, 0xC4, 0x08,                   // add rsp, 8
        0x5A, 0x5E, 0x5F, 0x5B,                   // pop rdx, rsi, rdi, rbx
        0xFF, 0x60, 0x10,                         // theirs: jmp [rax+16]
    ];

    /// <summary>Whether the libraries' calls come here.</summary>
    public static bool IsInstalled { get; private set; }

    /// <summary>The function, callable as <c>posix_memalign</c>; zero before <see cref="Install"/>.</summary>
    public static IntPtr Function => pages;

    /// <summary>Leads the libraries' calls here. They must be loaded; called once.</summary>
    public static void Install()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64
            || !NativeLibrary.TryLoad("libc.so.6", out var libc)
            || !NativeLibrary.TryGetExport(libc, "malloc", out var malloc) || !NativeLibrary.TryGetExport(libc, "free", out var free)
            || !NativeLibrary.TryGetExport(libc, "posix_memalign", out var theirs))
        {
            return;
        }

        pages = mmap(IntPtr.Zero, 2 * PageSize, Protection.Read | Protection.Write, PrivateAnonymous, -1, 0);
        if (pages == new IntPtr(-1))
        {
            pages = IntPtr.Zero;
            return;
        }

        Marshal.Copy(Code.ToArray(), 0, pages, Code.Length);
        Marshal.WriteIntPtr(pages, 2, pages + TableOffset);
        Marshal.WriteIntPtr(pages, TableOffset, malloc);
        Marshal.WriteIntPtr(pages, TableOffset + 8, free);
        Marshal.WriteIntPtr(pages, TableOffset + 16, theirs);
        Limit(null);
        if (mprotect(pages, PageSize, Protection.Read | Protection.Execute) != 0)
        {
            pages = IntPtr.Zero; // A system that lets no program make code.
            return;
        }

        foreach (var library in new[] { "libc10.so", "libtorch_cpu.so" })
        {
            if (Slot(library, "posix_memalign") is { } slot)
            {
                Marshal.WriteIntPtr(slot, pages);
                IsInstalled = true;
            }
        }
    }

    /// <summary>Leaves larger blocks to glibc; null takes all.</summary>
    public static void Limit(long? most)
    {
        if (pages != IntPtr.Zero)
        {
            Marshal.WriteInt64(pages, MostOffset, most ?? NoLimit);
        }
    }

    // Where a loaded library keeps the address of a function that it calls; null where it is not loaded, does not call it, or the place cannot be written.
    private static IntPtr? Slot(string library, string function)
    {
        var handle = dlopen(library, NoLoad | Lazy);
        if (handle == IntPtr.Zero || dlinfo(handle, LinkMap, out var map) != 0)
        {
            return null;
        }

        var (start, dynamic) = (Marshal.ReadIntPtr(map), Marshal.ReadIntPtr(map, 16));
        var tables = new Dictionary<long, IntPtr>();
        for (var entry = dynamic; Marshal.ReadInt64(entry) != 0; entry += 16)
        {
            tables[Marshal.ReadInt64(entry)] = Marshal.ReadIntPtr(entry, 8);
        }

        if (!tables.TryGetValue(CallTable, out var calls) || !tables.TryGetValue(CallTableBytes, out var bytes)
            || !tables.TryGetValue(Symbols, out var symbols) || !tables.TryGetValue(Strings, out var strings))
        {
            return null;
        }

        for (var call = calls; call < calls + bytes; call += 24)
        {
            var info = Marshal.ReadInt64(call, 8);
            var name = strings + (nint)(uint)Marshal.ReadInt32(symbols + (nint)((info >>> 32) * 24));
            if ((info & uint.MaxValue) != JumpSlot || Marshal.PtrToStringUTF8(name) != function)
            {
                continue;
            }

            var slot = start + Marshal.ReadIntPtr(call);
            return mprotect(slot & ~(nint)(PageSize - 1), PageSize, Protection.Read | Protection.Write) == 0 ? slot : null;
        }

        return null;
    }

    private const int PrivateAnonymous = 0x22;
    private const int Lazy = 1;
    private const int NoLoad = 4;
    private const int LinkMap = 2;
    private const int JumpSlot = 7;
    private const long CallTableBytes = 2; // DT_PLTRELSZ
    private const long Strings = 5; // DT_STRTAB
    private const long Symbols = 6; // DT_SYMTAB
    private const long CallTable = 23; // DT_JMPREL

    [Flags]
    private enum Protection
    {
        Read = 1,
        Write = 2,
        Execute = 4,
    }

    [LibraryImport("libc")]
    private static partial IntPtr mmap(IntPtr address, nint length, Protection protection, int flags, int file, nint offset);

    [LibraryImport("libc")]
    private static partial int mprotect(IntPtr address, nint length, Protection protection);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial IntPtr dlopen(string path, int flags);

    [LibraryImport("libc")]
    private static partial int dlinfo(IntPtr handle, int request, out IntPtr map);
}
