using Haq.Engine.Diagnostics;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>Sparse constants as dense ones.</summary>
internal static class SparseTensor
{
    private const long MaxBytes = 1L << 30;

    /// <exception cref="HaqException">The indices do not fit the shape, or the dense form is unreasonably large (HAQ0305).</exception>
    public static TensorProto ToDense(OnnxModel model, SparseTensorProto sparse)
    {
        var dense = new TensorProto { Name = sparse.Values.Name, DataType = sparse.Values.DataType };
        dense.Dims.Add(sparse.Dims);
        long count = TensorData.Count(dense);
        int size = ElementTypes.BitsOf(TensorData.TypeOf(dense)) / 8;
        if (size == 0 || count * size > MaxBytes || sparse.Indices is null) throw Invalid(model, dense.Name);
        var values = TensorData.Bytes(sparse.Values, model.External).Span;
        long[] indices = TensorData.ToLongs(sparse.Indices, model.External);
        int entries = values.Length / size, rank = sparse.Dims.Count;
        bool linear = sparse.Indices.Dims.Count == 1;
        if (indices.Length != (linear ? entries : (long)entries * rank)) throw Invalid(model, dense.Name);
        byte[] bytes = new byte[count * size];
        for (int e = 0; e < entries; e++)
        {
            long position = linear ? indices[e] : 0;
            for (int d = 0; !linear && d < rank; d++) position = position * sparse.Dims[d] + indices[e * rank + d];
            if (position < 0 || position >= count) throw Invalid(model, dense.Name);
            values.Slice(e * size, size).CopyTo(bytes.AsSpan((int)position * size));
        }
        return TensorData.OfBytes(dense.Name, TensorData.TypeOf(dense), TensorData.Dims(dense), bytes);
    }

    private static HaqException Invalid(OnnxModel model, string name) =>
        DiagnosticCatalog.InvalidGraph.Error(model.Name, $"sparse tensor '{name}' does not fit its shape. The file is damaged or was written wrongly; export it again.");
}
