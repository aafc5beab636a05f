using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Quantization;

/// <summary>A table that rows are looked up in, as 8-bit integers with a step per column.</summary>
/// <param name="Found">The table and where it is in the graph.</param>
/// <param name="Weights">Its integers.</param>
public sealed record QuantizedTable(FoundTable Found, QuantizedWeights Weights);
