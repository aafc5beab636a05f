using System.Diagnostics.CodeAnalysis;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx.Shapes;

namespace Haq.Engine.Onnx.Shapes;

/// <summary>The type of every tensor of a graph as far as it could be worked out, and the reason where it could not.</summary>
public sealed class ShapeTable
{
    private readonly Dictionary<string, TensorType> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KnownTensor> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _unknown = new(StringComparer.Ordinal);
    private readonly string _model;

    internal ShapeTable(string model) => _model = model;

    /// <summary>How many samples go through the network at once: the first extent of the first input where outputs agree with it, otherwise 1.</summary>
    public long Batch { get; internal set; } = 1;

    /// <summary>Every known tensor.</summary>
    public IReadOnlyDictionary<string, TensorType> Types => _types;

    /// <summary>Every tensor that is not known, with the reason that started it.</summary>
    public IReadOnlyDictionary<string, string> Unknown => _unknown;

    /// <summary>The type of a tensor.</summary>
    public bool TryGet(string tensor, [NotNullWhen(true)] out TensorType? type) => _types.TryGetValue(tensor, out type);

    /// <summary>The type of a tensor.</summary>
    /// <exception cref="HaqException">It is not known (HAQ0307); the message says why and what to do.</exception>
    public TensorType this[string tensor] => _types.TryGetValue(tensor, out var type) ? type
        : throw DiagnosticCatalog.UnknownShape.Error(_model, $"the shape of '{tensor}' cannot be worked out: {ReasonFor(tensor)}.");

    /// <summary>Why a tensor's shape is not known.</summary>
    public string ReasonFor(string tensor) => _unknown.GetValueOrDefault(tensor, "there is no such tensor");

    /// <summary>Adds a type that was found otherwise, for a tensor that the rules do not know.</summary>
    public void Observe(string tensor, TensorType type) => Set(tensor, type);

    internal KnownTensor? ValueOf(string tensor) => _values.GetValueOrDefault(tensor);

    internal void Set(string tensor, TensorType type, KnownTensor? value = null)
    {
        _types[tensor] = type;
        _unknown.Remove(tensor);
        if (value is not null) _values[tensor] = value;
    }

    internal void SetUnknown(string tensor, string reason) => _unknown[tensor] = reason;
}
