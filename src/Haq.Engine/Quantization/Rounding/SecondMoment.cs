using System.Runtime.InteropServices;

namespace Haq.Engine.Quantization.Rounding;

/// <summary>
/// Mean and second moments of the vectors x that one group of a layer multiplies with its weights: for a convolution, the patches that its kernel sees. Memory is half of K² numbers
/// however many vectors are seen. The same vectors in the same order give the same bits. Not safe for concurrent use.
/// </summary>
public sealed class SecondMoment
{
    private const int FewColumns = 8, ManyColumns = 32, LongVector = 64;

    /// <summary>From this share of zero vectors on, they are a background of its own, which a bias fitted to the mean of everything would shift.</summary>
    private const double BackgroundShare = 0.05;

    // The upper triangle, row by row.
    private readonly float[] _products;
    private readonly double[] _sums;
    private readonly int _columns;
    private readonly float[] _block;
    private long _zeros;
    private int _inBlock;

    /// <summary>Nothing seen yet of vectors of <paramref name="size"/> values.</summary>
    public SecondMoment(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        Size = size;
        _products = new float[checked((int)((size + 1L) * size / 2))];
        _sums = new double[size];
        _columns = size >= LongVector ? ManyColumns : FewColumns;
        _block = new float[_columns * size];
    }

    /// <summary>Number of values in a vector, K.</summary>
    public int Size { get; }

    /// <summary>Number of vectors seen.</summary>
    public long Count { get; private set; }

    /// <summary>The share of vectors that are all zeros.</summary>
    public double ZeroShare => Count == 0 ? 0 : (double)_zeros / Count;

    /// <summary>
    /// The layer's bias should make up for the mean change. Not where much of what the layer sees is nothing at all (the black ground of an image): there its output is the bias alone, exact
    /// as it is.
    /// </summary>
    public bool AllowsBiasCorrection => ZeroShare < BackgroundShare;

    /// <summary>A buffer of <see cref="Size"/> values for the next vector; <see cref="Commit"/> adds it.</summary>
    internal Span<float> Next => _block.AsSpan(_inBlock * Size, Size);

    /// <summary>Adds the vector that was written to <see cref="Next"/>.</summary>
    internal void Commit()
    {
        var x = Next;
        for (int i = 0; i < x.Length; i++) _sums[i] += x[i];
        Count++;
        if (!x.ContainsAnyExcept(0f)) _zeros++;
        if (++_inBlock == _columns) Flush();
    }

    /// <summary>Adds a vector of <see cref="Size"/> values.</summary>
    public void Add(ReadOnlySpan<float> vector)
    {
        vector[..Size].CopyTo(Next);
        Commit();
    }

    /// <summary>E[x], K values.</summary>
    public double[] Mean()
    {
        double[] mean = new double[Size];
        for (int i = 0; i < Size; i++) mean[i] = Count == 0 ? 0 : _sums[i] / Count;
        return mean;
    }

    /// <summary>
    /// E[xxᵀ] − E[x]E[x]ᵀ, K × K, row by row: what the error of weights costs once the layer's bias makes up for the mean. With <paramref name="centred"/> false, E[xxᵀ].
    /// </summary>
    public double[] Matrix(bool centred = true)
    {
        Flush();
        double[] mean = Mean(), matrix = new double[Size * Size];
        double n = Math.Max(1, Count);
        for (int i = 0; i < Size; i++)
        {
            var row = Row(i);
            for (int j = i; j < Size; j++)
            {
                double value = row[j - i] / n - (centred ? mean[i] * mean[j] : 0);
                matrix[i * Size + j] = matrix[j * Size + i] = value;
            }
        }
        return matrix;
    }

    /// <summary>Writes everything; <see cref="Read"/> gives it back.</summary>
    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Flush();
        writer.Write(Size);
        writer.Write(Count);
        writer.Write(_zeros);
        writer.Write(MemoryMarshal.AsBytes<double>(_sums));
        for (int i = 0; i < Size; i++) writer.Write(MemoryMarshal.AsBytes<float>(Row(i)));
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">Something else is there.</exception>
    public static SecondMoment Read(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        int size = reader.ReadInt32();
        if (size is <= 0 or > 1 << 15) throw new InvalidDataException("not second moments");
        // Room is made for what is there, not for what a damaged file says.
        long bytes = sizeof(float) * (size + (size + 1L) * size / 2);
        if (reader.BaseStream is { CanSeek: true } stream && stream.Length - stream.Position < bytes) throw new EndOfStreamException();
        var moment = new SecondMoment(size) { Count = reader.ReadInt64(), _zeros = reader.ReadInt64() };
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(moment._sums.AsSpan()));
        for (int i = 0; i < size; i++) reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(moment.Row(i)));
        return moment;
    }

    /// <summary>Adds the products of the vectors in the block to the upper triangle, all of them in one pass over it.</summary>
    private void Flush()
    {
        if (_inBlock == 0) return;
        MomentProducts.Add(_products, _block, Size, _inBlock);
        _inBlock = 0;
    }

    // From the diagonal on.
    private Span<float> Row(int i) => _products.AsSpan((int)MomentProducts.StartOf(i, Size), Size - i);
}
