using System.Numerics;
using System.Runtime.InteropServices;
using Haq.Engine.Tests.Fuzz;
using SharpFuzz.Common;

namespace Haq.Benchmarks;

/// <summary>
/// What <c>sharpfuzz Haq.Engine.dll</c> writes into the engine counts here: AFL's map of pairs of branches, read in this process. Of an engine that
/// is not instrumented it sees nothing.
/// </summary>
internal sealed unsafe class EdgeCoverage : IEdgeCoverage, IDisposable
{
    private const int Size = 1 << 16;

    private readonly byte* _map = (byte*)NativeMemory.AllocZeroed(Size);
    private readonly byte[] _seen = new byte[Size];

    public EdgeCoverage() => Trace.SharedMem = _map;

    /// <inheritdoc/>
    public int Edges => _seen.Count(b => b != 0);

    /// <inheritdoc/>
    public void Clear()
    {
        new Span<byte>(_map, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <inheritdoc/>
    public bool IsNew()
    {
        var words = new ReadOnlySpan<ulong>(_map, Size / sizeof(ulong));
        bool isNew = false;
        for (int w = 0; w < words.Length; w++)
        {
            if (words[w] == 0) continue;
            for (int i = w * sizeof(ulong); i < (w + 1) * sizeof(ulong); i++)
            {
                byte often = _map[i] == 0 ? (byte)0 : (byte)(1 << BitOperations.Log2(_map[i]));
                if ((often & ~_seen[i]) == 0) continue;
                _seen[i] |= often;
                isNew = true;
            }
        }
        return isNew;
    }

    /// <inheritdoc/>
    public void Forget() => Array.Clear(_seen);

    // The map stays: the engine writes into it for as long as the process lives.
    public void Dispose() => Array.Clear(_seen);
}
