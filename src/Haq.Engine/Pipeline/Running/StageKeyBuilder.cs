using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Haq.Engine.Pipeline.Running;

/// <summary>Collects what a stage reads into its <see cref="StageKey"/>. Every item is framed by its length, so neighbours cannot run together.</summary>
public sealed class StageKeyBuilder : IDisposable
{
    private readonly string _stage;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Starts a key; <paramref name="version"/> is raised whenever the stage computes something else from the same input.</summary>
    public StageKeyBuilder(string stage, int version)
    {
        _stage = stage;
        Add("stage", stage);
        Add("version", version.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Adds one named value.</summary>
    public StageKeyBuilder Add(string name, string value)
    {
        Append(Encoding.UTF8.GetBytes(name));
        Append(Encoding.UTF8.GetBytes(value));
        return this;
    }

    /// <summary>Adds the result of an earlier stage.</summary>
    public StageKeyBuilder Add(StageKey earlier) => Add(earlier.Stage, earlier.Digest);

    /// <summary>The key.</summary>
    public StageKey Build() => new(_stage, Convert.ToHexStringLower(_hash.GetCurrentHash()));

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    private void Append(ReadOnlySpan<byte> bytes)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        _hash.AppendData(length);
        _hash.AppendData(bytes);
    }
}
