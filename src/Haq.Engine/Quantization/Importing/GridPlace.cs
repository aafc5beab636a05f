using Haq.Engine.Dialects.Qdq;

namespace Haq.Engine.Quantization.Importing;

/// <summary>Which of a grid's scales an element of a tensor has.</summary>
internal readonly struct GridPlace
{
    private readonly TensorGrid _grid;
    private readonly int _extent, _inner, _block;

    /// <summary>The places in a tensor of the given extents.</summary>
    public GridPlace(ReadOnlySpan<long> dims, TensorGrid grid)
    {
        (_grid, _extent, _inner, _block) = (grid, 1, 1, Math.Max(1, grid.Block));
        if (grid.Axis is not { } axis || grid.Scales.Length == 1) return;
        if (axis < 0) axis += dims.Length;
        _extent = (int)dims[axis];
        for (int i = axis + 1; i < dims.Length; i++) _inner *= (int)dims[i];
    }

    /// <summary>The number of the scale that the element at a position of the storage order has.</summary>
    public int Of(int element)
    {
        if (_grid.Scales.Length == 1) return 0;
        int along = element / _inner % _extent;
        // Blocks lie in the order of the tensor with that axis shortened; channels count along the axis alone.
        return _grid.Block == 0 ? along : (element / _inner / _extent * ((_extent + _block - 1) / _block) + along / _block) * _inner + element % _inner;
    }

    /// <summary>That scale.</summary>
    public float Scale(int at) => _grid.Scales[at];

    /// <summary>Its zero point.</summary>
    public long ZeroPoint(int at) => _grid.ZeroPoints.Length == 1 ? _grid.ZeroPoints[0] : _grid.ZeroPoints[at];
}
