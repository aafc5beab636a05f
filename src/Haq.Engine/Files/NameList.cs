using System;
using System.Collections;
using System.Collections.Generic;
using System.Text;

namespace Haq.Engine.Files;

/// <summary>
/// Paths by the million: UTF-8 in large blocks, folders written once, with a few bytes beside each name where the owner wants them. An entry takes its file name and 6 to 8 bytes more; a string
/// is made when a name is asked for. Filled first, then sorted, then read. Reads may be concurrent.
/// </summary>
internal sealed class NameList : IReadOnlyList<string>, IComparer<uint>
{
    private const int BlockBits = 20, BlockBytes = 1 << BlockBits, MostFolders = 1 << 20;

    private readonly List<byte[]> _blocks = new List<byte[]>();
    private readonly List<byte[]> _folders = new List<byte[]>();
    private readonly Dictionary<string, int> _folderOf = new Dictionary<string, int>(StringComparer.Ordinal);
    private readonly int _data;
    private uint[] _entries = new uint[16];
    private int _filled = BlockBytes;

    /// <param name="data">Bytes kept beside each name.</param>
    public NameList(int data = 0) => _data = data;

    public int Count { get; private set; }

    /// <summary>The path of an entry.</summary>
    public string this[int index]
    {
        get
        {
            uint entry = Checked(index);
            byte[] block = Block(entry);
            int at = Name(block, entry, out int folder, out int length);
            string name = Encoding.UTF8.GetString(block, at, length);
            return folder == 0 ? name : Encoding.UTF8.GetString(_folders[folder]) + name;
        }
    }

    /// <summary>Bytes that the names take, and what leads to them.</summary>
    public long Bytes => (long)_blocks.Count * BlockBytes + _entries.Length * sizeof(uint);

    /// <summary>Adds a path with forward slashes, and a copy of <paramref name="data"/> beside it.</summary>
    /// <exception cref="ArgumentException">The path is longer than any file system's.</exception>
    public void Add(string path, byte[]? data = null)
    {
        int slash = path.LastIndexOf('/') + 1;
        int folder = FolderOf(path, ref slash);
        byte[] name = Encoding.UTF8.GetBytes(slash == 0 ? path : path.Substring(slash));
        int bytes = 10 + name.Length + _data;
        if (bytes > BlockBytes) throw new ArgumentException("a path of a megabyte", nameof(path));
        if (_filled + bytes > BlockBytes)
        {
            if (_blocks.Count == 1 << (32 - BlockBits)) throw new InvalidOperationException("4 GB of names");
            _blocks.Add(new byte[BlockBytes]);
            _filled = 0;
        }
        byte[] block = _blocks[_blocks.Count - 1];
        if (Count == _entries.Length) Array.Resize(ref _entries, Count + Math.Max(Count / 4, 16));
        _entries[Count++] = (uint)((_blocks.Count - 1) << BlockBits | _filled);
        Write(block, folder);
        Write(block, name.Length);
        Buffer.BlockCopy(name, 0, block, _filled, name.Length);
        _filled += name.Length;
        if (_data == 0) return;
        Buffer.BlockCopy(data!, 0, block, _filled, _data);
        _filled += _data;
    }

    /// <summary>Puts the entries into the ordinal order of their paths, as <see cref="StringComparer.Ordinal"/> has it; equal ones keep no order.</summary>
    public void Sort()
    {
        Array.Resize(ref _entries, Count);
        for (int i = 1; i < Count; i++)
        {
            if (Compare(_entries[i - 1], _entries[i]) <= 0) continue;
            Array.Sort(_entries, 0, Count, this);
            return;
        }
    }

    /// <summary>Copies what is kept beside a name.</summary>
    public void DataOf(int index, byte[] destination)
    {
        uint entry = Checked(index);
        byte[] block = Block(entry);
        int at = Name(block, entry, out _, out int length) + length;
        Buffer.BlockCopy(block, at, destination, 0, _data);
    }

    /// <summary>The two entries have the same path.</summary>
    public bool AreEqual(int first, int second) => Compare(Checked(first), Checked(second)) == 0;

    /// <summary>Where a path stands among the sorted ones; negative where it does not.</summary>
    public int IndexOf(string path)
    {
        int low = 0, high = Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >> 1;
            int order = string.CompareOrdinal(this[middle], path);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1; else high = middle - 1;
        }
        return -1;
    }

    /// <summary>Compares two entries as their paths' UTF-16 would be.</summary>
    public int Compare(uint x, uint y)
    {
        byte[] a = Block(x), b = Block(y);
        int nameA = Name(a, x, out int folderA, out int lengthA), nameB = Name(b, y, out int folderB, out int lengthB);
        if (folderA == folderB)
        {
            for (int i = 0; i < lengthA && i < lengthB; i++)
                if (a[nameA + i] != b[nameB + i]) return Rank(a[nameA + i]) - Rank(b[nameB + i]);
            return lengthA - lengthB;
        }
        byte[] before = _folders[folderA], other = _folders[folderB];
        int wholeA = before.Length + lengthA, wholeB = other.Length + lengthB;
        for (int i = 0; i < wholeA && i < wholeB; i++)
        {
            byte one = i < before.Length ? before[i] : a[nameA + i - before.Length], two = i < other.Length ? other[i] : b[nameB + i - other.Length];
            if (one != two) return Rank(one) - Rank(two);
        }
        return wholeA - wholeB;
    }

    public IEnumerator<string> GetEnumerator()
    {
        for (int i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // In UTF-16, characters beyond the first plane (F0 to F4 in UTF-8) come before those that EE and EF lead.
    private static int Rank(byte value) => value is 0xEE or 0xEF ? value + 0x10 : value;

    // 0 for a path without a folder, or with one too many: its name is then the whole path, and slash 0.
    private int FolderOf(string path, ref int slash)
    {
        if (_folders.Count == 0) _folders.Add(Array.Empty<byte>());
        if (slash == 0) return 0;
        string folder = path.Substring(0, slash);
        if (_folderOf.TryGetValue(folder, out int number)) return number;
        if (_folders.Count >= MostFolders)
        {
            slash = 0;
            return 0;
        }
        _folders.Add(Encoding.UTF8.GetBytes(folder));
        return _folderOf[folder] = _folders.Count - 1;
    }

    private uint Checked(int index) => (uint)index < (uint)Count ? _entries[index] : throw new ArgumentOutOfRangeException(nameof(index));

    private byte[] Block(uint entry) => _blocks[(int)(entry >> BlockBits)];

    private static int Name(byte[] block, uint entry, out int folder, out int length)
    {
        int at = (int)(entry & (BlockBytes - 1));
        folder = Number(block, ref at);
        length = Number(block, ref at);
        return at;
    }

    private static int Number(byte[] block, ref int at)
    {
        int value = 0, shift = 0;
        byte piece;
        do
        {
            piece = block[at++];
            value |= (piece & 0x7F) << shift;
            shift += 7;
        }
        while (piece >= 0x80);
        return value;
    }

    private void Write(byte[] block, int value)
    {
        for (; value >= 0x80; value >>= 7) block[_filled++] = (byte)(value | 0x80);
        block[_filled++] = (byte)value;
    }
}
