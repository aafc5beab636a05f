using System.Security.Cryptography;
using Google.Protobuf;
using Haq.Engine.Diagnostics;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>An ONNX model: the file's content, where it came from, and where its external data is. Mutable through <see cref="Proto"/>; not thread-safe while mutated.</summary>
public sealed class OnnxModel
{
    /// <summary>The oldest operator set that is read.</summary>
    public const int OldestOpset = 7;

    /// <summary>The newest operator set that ONNX Runtime 1.31.1 runs.</summary>
    public const int NewestOpset = 26;

    private const long MostInMemory = 512L << 20;

    /// <summary>Wraps a graph made in memory.</summary>
    /// <param name="proto">The content; not copied.</param>
    /// <param name="name">What errors call it: a path, where there is one.</param>
    /// <param name="folder">Where external data is; null when there is none.</param>
    public OnnxModel(ModelProto proto, string name, string? folder = null)
    {
        (Proto, Name) = (proto, name);
        External = new ExternalData(name, folder);
    }

    /// <summary>The whole content.</summary>
    public ModelProto Proto { get; }

    /// <summary>The main graph.</summary>
    public GraphProto Graph => Proto.Graph;

    /// <summary>The path that it was read from, or the name given; errors start with it.</summary>
    public string Name { get; }

    /// <summary>Where tensors with external data are read.</summary>
    public ExternalData External { get; }

    /// <summary>What holds constants outside of memory for this model alone, to be disposed of with it; null where nothing has to be.</summary>
    internal IDisposable? Storage { get; init; }

    /// <summary>Reads a model file. External data stays where it is and is read when asked for, but it is checked to be there.</summary>
    /// <exception cref="HaqException">No such file (HAQ0301), not ONNX or truncated (HAQ0302), empty (HAQ0303), external data missing (HAQ0304), not valid (HAQ0305), too old (HAQ0306).</exception>
    public static OnnxModel Load(string path) => ModelReader.Load(path);

    /// <summary>Reads a model from memory; <paramref name="name"/> is what errors call it, <paramref name="folder"/> is where external data would be.</summary>
    /// <exception cref="HaqException">As for <see cref="Load"/>.</exception>
    public static OnnxModel Parse(ReadOnlySpan<byte> bytes, string name, string? folder = null) => ModelReader.Parse(bytes, name, folder);

    /// <summary>
    /// Writes the model to a temporary file beside <paramref name="path"/> and renames it. External data, when there is any or the model would exceed what one file can hold,
    /// goes to <c>path + ".data"</c>, streamed.
    /// </summary>
    /// <exception cref="HaqException">The file cannot be written (HAQ0309); nothing half-written is left.</exception>
    public void Save(string path, ModelSaveOptions? options = null) => ModelWriter.Save(this, path, options ?? ModelSaveOptions.Default);

    /// <summary>
    /// The tensors that the model holds itself are too many to hand over in memory, where they would be held three times: as a file with external data they are mapped. (Protobuf ends at 2 GB anyway.)
    /// </summary>
    public bool IsTooLargeForOneMessage => ModelWriter.InlineBytes(this) > MostInMemory;

    /// <summary>Copies of the parameters as 32-bit reals, external ones included, would take gigabytes: no more of them are held than have to be.</summary>
    public bool IsLarge => ParameterBytes > 256L << 20;

    /// <summary>Making ready a quantized form of the network takes half a minute, whatever is then run on it: few are made.</summary>
    public bool IsHuge => ParameterBytes > 1L << 30;

    private long ParameterBytes => Tensors().Sum(t => TensorData.ByteLength(t) ?? 0);

    /// <summary>
    /// The output that is looked at unless another is named: the first of 32-bit reals, else of other numbers. Classifiers of other libraries give a class or a list of maps before their scores.
    /// </summary>
    public string MainOutput =>
        (OutputWhere(t => t == DataType.Float) ?? OutputWhere(ElementTypes.IsReal) ?? OutputWhere(ElementTypes.IsInteger) ?? Graph.Output[0]).Name;

    private ValueInfoProto? OutputWhere(Func<DataType, bool> isIt) => Graph.Output.FirstOrDefault(o => o.Type?.TensorType is { } tensor && isIt((DataType)tensor.ElemType));

    /// <summary>The serialized model, without its external data.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = Proto.ToByteArray();
        GC.KeepAlive(this);
        return bytes;
    }

    /// <summary>The version of an operator set that the model imports; 0 when it does not.</summary>
    public int OpsetOf(string domain = OpNames.StandardDomain)
    {
        foreach (var import in Proto.OpsetImport)
            if (import.Domain == domain || (OpNames.IsStandard(domain) && OpNames.IsStandard(import.Domain))) return (int)import.Version;
        return 0;
    }

    /// <summary>A deep copy; the bytes of tensors are shared, as they cannot change.</summary>
    public OnnxModel Clone() => new(Proto.Clone(), Name, External.Folder);

    /// <summary>Every tensor of the model: initializers, values of attributes, in bodies and functions too.</summary>
    public IEnumerable<TensorProto> Tensors() => TensorWalk.Of(Proto);

    /// <summary>The files beside the model that hold tensors of it, each once, in ordinal order; absolute paths.</summary>
    /// <exception cref="HaqException">One of them is missing or too short (HAQ0304).</exception>
    public IReadOnlyList<string> DataFiles() => [.. Tensors().Where(ExternalData.Holds).Select(External.FileOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>SHA-256 of the content as 64 lower-case hexadecimal digits. External data counts by its bytes, not by the file that holds them.</summary>
    /// <exception cref="HaqException">External data cannot be read (HAQ0304).</exception>
    public string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bare = Proto.Clone();
        foreach (var tensor in TensorWalk.Of(bare)) tensor.ExternalData.Clear();
        using (var sink = new HashingStream(hash)) bare.WriteTo(sink);
        foreach (var tensor in Tensors())
            if (ExternalData.Holds(tensor)) External.Stream(tensor, piece => hash.AppendData(piece.Span));
        GC.KeepAlive(this);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
