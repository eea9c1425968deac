using System.Buffers.Binary;
using System.Text;

namespace Sightline.Native;

/// <summary>Rewrites one symbol-version requirement of a 64-bit little-endian ELF library.</summary>
/// <remarks>
/// TorchSharp 0.107.0's native library was linked on a system whose libstdc++ defines <c>GLIBCXX_3.4.32</c>; Debian 12 and
/// Ubuntu 22.04 end at 3.4.30 and refuse to load it. The only symbol of that version is an iostream initialiser that does
/// nothing the library needs, so the copy asks for 3.4.30 instead and defines the symbol itself, at a bare <c>ret</c>.
/// Layout of the tables: System V gABI, "Symbol Table" and LSB Core, "Symbol Versioning".
/// </remarks>
internal static class ElfVersionPatch
{
    public const string MissingVersion = "GLIBCXX_3.4.32";
    public const string PresentVersion = "GLIBCXX_3.4.30";
    public const string OrphanSymbol = "_ZSt21ios_base_library_initv";

    private const int SymbolSize = 24;
    private const byte ReturnInstruction = 0xC3;

    /// <summary>Patches <paramref name="library"/> in place.</summary>
    /// <returns>False when the library does not ask for the missing version, so that nothing had to change.</returns>
    /// <exception cref="InvalidDataException">The bytes are not such a library, or more symbols than the known one need the version.</exception>
    public static bool Apply(Span<byte> library)
    {
        var elf = new Elf(library);
        var needs = elf.Section(".gnu.version_r");
        var missing = FindNeed(library, elf, needs, MissingVersion);
        if (missing is not { } entry)
        {
            return false;
        }

        var present = FindNeed(library, elf, needs, PresentVersion)
            ?? throw new InvalidDataException($"The library needs {MissingVersion} but does not name {PresentVersion}, which would replace it.");

        var versionIndex = BinaryPrimitives.ReadUInt16LittleEndian(library[(entry + 6)..]);
        DefineOrphan(library, elf, versionIndex);

        // The entry keeps its own index; its hash and name become those of the version that is present.
        library.Slice(present, 4).CopyTo(library[entry..]);
        library.Slice(present + 8, 4).CopyTo(library[(entry + 8)..]);
        return true;
    }

    // A Vernaux record: hash u32, flags u16, other (version index) u16, name u32, next u32. Returns its file offset.
    private static int? FindNeed(ReadOnlySpan<byte> library, Elf elf, Section needs, string version)
    {
        var file = needs.Offset;
        while (true)
        {
            var count = BinaryPrimitives.ReadUInt16LittleEndian(library[(file + 2)..]);
            var aux = file + (int)BinaryPrimitives.ReadUInt32LittleEndian(library[(file + 8)..]);
            for (var i = 0; i < count; i++)
            {
                var name = (int)BinaryPrimitives.ReadUInt32LittleEndian(library[(aux + 8)..]);
                if (elf.DynamicString(library, name) == version)
                {
                    return aux;
                }

                aux += (int)BinaryPrimitives.ReadUInt32LittleEndian(library[(aux + 12)..]);
            }

            var next = (int)BinaryPrimitives.ReadUInt32LittleEndian(library[(file + 12)..]);
            if (next == 0)
            {
                return null;
            }

            file += next;
        }
    }

    private static void DefineOrphan(Span<byte> library, Elf elf, ushort versionIndex)
    {
        var symbols = elf.Section(".dynsym");
        var versions = elf.Section(".gnu.version");
        var (text, textSection) = elf.SectionWithIndex(".text");
        var orphan = -1;
        for (var i = 0; i < symbols.Size / SymbolSize; i++)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(library[(versions.Offset + 2 * i)..]) != versionIndex)
            {
                continue;
            }

            var name = elf.DynamicString(library, (int)BinaryPrimitives.ReadUInt32LittleEndian(library[(symbols.Offset + SymbolSize * i)..]));
            if (name != OrphanSymbol)
            {
                throw new InvalidDataException($"The symbol {name} needs {MissingVersion}; only {OrphanSymbol} may be replaced.");
            }

            orphan = i;
        }

        if (orphan < 0)
        {
            return;
        }

        var ret = library.Slice(text.Offset, text.Size).IndexOf(ReturnInstruction);
        if (ret < 0)
        {
            throw new InvalidDataException("The library's .text section holds no return instruction.");
        }

        // Symbol: name u32, info u8, other u8, section u16, value u64, size u64. Version index 1 is "global, defined here".
        var at = symbols.Offset + SymbolSize * orphan;
        BinaryPrimitives.WriteUInt16LittleEndian(library[(at + 6)..], (ushort)textSection);
        BinaryPrimitives.WriteUInt64LittleEndian(library[(at + 8)..], text.Address + (ulong)ret);
        BinaryPrimitives.WriteUInt64LittleEndian(library[(at + 16)..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(library[(versions.Offset + 2 * orphan)..], 1);
    }

    private readonly record struct Section(string Name, int Offset, int Size, ulong Address);

    private sealed class Elf
    {
        private readonly List<Section> _sections = [];
        private readonly Section _dynamicStrings;

        public Elf(ReadOnlySpan<byte> library)
        {
            if (library.Length < 64 || !library[..6].SequenceEqual("\u007fELF\u0002\u0001"u8))
            {
                throw new InvalidDataException("The file is not a 64-bit little-endian ELF library.");
            }

            var table = (int)BinaryPrimitives.ReadUInt64LittleEndian(library[40..]);
            var entrySize = BinaryPrimitives.ReadUInt16LittleEndian(library[58..]);
            var count = BinaryPrimitives.ReadUInt16LittleEndian(library[60..]);
            var nameSection = BinaryPrimitives.ReadUInt16LittleEndian(library[62..]);
            var names = (int)BinaryPrimitives.ReadUInt64LittleEndian(library[(table + entrySize * nameSection + 24)..]);
            for (var i = 0; i < count; i++)
            {
                var header = library[(table + entrySize * i)..];
                _sections.Add(new Section(
                    Text(library, names + (int)BinaryPrimitives.ReadUInt32LittleEndian(header)),
                    (int)BinaryPrimitives.ReadUInt64LittleEndian(header[24..]),
                    (int)BinaryPrimitives.ReadUInt64LittleEndian(header[32..]),
                    BinaryPrimitives.ReadUInt64LittleEndian(header[16..])));
            }

            _dynamicStrings = Section(".dynstr");
        }

        public Section Section(string name) => SectionWithIndex(name).Section;

        public (Section Section, int Index) SectionWithIndex(string name)
        {
            var index = _sections.FindIndex(s => s.Name == name);
            return index >= 0
                ? (_sections[index], index)
                : throw new InvalidDataException($"The library has no {name} section.");
        }

        public string DynamicString(ReadOnlySpan<byte> library, int offset) => Text(library, _dynamicStrings.Offset + offset);

        private static string Text(ReadOnlySpan<byte> library, int offset)
        {
            var rest = library[offset..];
            return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
        }
    }
}
