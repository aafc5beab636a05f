using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// The loops of a dense convolution over pixels, taps and channels: pixels outermost, so that what a tile reads stays in the first-level cache for all channels. With room for
/// a copy, a group of tiles is first put side by side: planes of the input are a power of two apart more often than not, and would meet in the same few sets of the cache; and
/// a block's weights then come from far away once for the whole group.
/// </summary>
internal readonly unsafe struct DenseWalk
{
    private const int TapBlock = 256, MostTaps = TapBlock * 3 / 2, MostTiles = 8;

    // Beyond so many, the weights of a block of taps do not stay in the second-level cache.
    private const long ManyWeights = 1 << 17;

    private readonly DenseWeights _weights;
    private readonly int _firstBlock, _lastBlock, _tiles;
    private readonly float** _sources;
    private readonly nint* _from, _to;
    private readonly float* _copy;

    /// <summary>
    /// Walks over the places <paramref name="from"/> of the taps <paramref name="sources"/>, to the places <paramref name="to"/> of the result, by way of
    /// <paramref name="copy"/> if there is one.
    /// </summary>
    public DenseWalk(in DenseWeights weights, int firstBlock, int lastBlock, float** sources, nint* from, nint* to, float* copy)
    {
        (_weights, _firstBlock, _lastBlock) = (weights, firstBlock, lastBlock);
        _sources = sources;
        _from = from;
        _to = to;
        _copy = copy;
        _tiles = copy == null ? 1 : HasMany(weights.Size) ? MostTiles : MostTiles / 2;
    }

    /// <summary>Whether a copy pays for so many weights, wherever the pixels come from.</summary>
    public static bool HasMany(long weights) => weights > ManyWeights;

    /// <summary>Numbers of a copy, and of the pointers into it.</summary>
    public static int CopySize(int width) => MostTaps * (MostTiles * DenseTiles.Wide * width + 2);

    /// <summary>Computes the registers at the first <paramref name="count"/> places, for taps whose weights begin at <paramref name="before"/>.</summary>
    public void Run<T>(int taps, long before, int count, float* target, long apart) where T : unmanaged, ISimd<T>
    {
        const int most = MostTiles * DenseTiles.Wide;
        int high = DenseTiles.High(T.Count * 32), width = DenseTiles.Wide * T.Count, copyTile = MostTaps * width;
        float** rows = stackalloc float*[8], copied = (float**)(_copy + (nint)MostTiles * copyTile);
        nint* from = stackalloc nint[most], inCopy = stackalloc nint[most], to = stackalloc nint[most];
        for (int v = 0; v < most; v++) inCopy[v] = v / DenseTiles.Wide * copyTile + v % DenseTiles.Wide * T.Count;
        for (int i = 0; _copy != null && i < MostTaps; i++) copied[i] = _copy + (nint)i * width;
        for (int place = 0; place < count; place += _tiles * DenseTiles.Wide)
        {
            int tiles = Math.Min(_tiles, (count - place + DenseTiles.Wide - 1) / DenseTiles.Wide);
            // The last tile does its last register over again.
            for (int v = 0; v < tiles * DenseTiles.Wide; v++)
            {
                int at = Math.Min(place + v, count - 1);
                (from[v], to[v]) = (_from[at], _to[at]);
            }
            int tap = 0;
            do
            {
                int taken = taps - tap < MostTaps ? taps - tap : TapBlock;
                for (int tile = 0; _copy != null && tile < tiles; tile++) Copy<T>(_sources + tap, taken, from + tile * DenseTiles.Wide, _copy + (nint)tile * copyTile);
                var (read, reads) = _copy == null ? ((nint)(_sources + tap), (nint)from) : ((nint)copied, (nint)inCopy);
                for (int block = _firstBlock; block < _lastBlock; block++)
                {
                    for (int i = 0; i < high; i++) rows[i] = target + Math.Min(block * high + i, _weights.Written - 1) * apart;
                    float* mine = _weights.Of(block, taps, before) + (nint)tap * high, start = tap == 0 ? _weights.Start + block * high : null;
                    for (int v = 0; v < tiles * DenseTiles.Wide; v += DenseTiles.Wide) DenseTiles.Run<T>((float**)read, taken, mine, (nint*)reads + v, rows, to + v, start);
                }
                tap += taken;
            }
            while (tap < taps);
        }
    }

    private static void Copy<T>(float** taps, int count, nint* from, float* copy) where T : unmanaged, ISimd<T>
    {
        nint x = from[0], y = from[1], z = from[2];
        for (int tap = 0; tap < count; tap++, copy += DenseTiles.Wide * T.Count)
        {
            float* source = taps[tap];
            T.Store(T.Load(source + x), copy);
            T.Store(T.Load(source + y), copy + T.Count);
            T.Store(T.Load(source + z), copy + 2 * T.Count);
        }
    }
}
