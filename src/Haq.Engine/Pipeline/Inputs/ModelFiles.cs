using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Pipeline.Inputs;

/// <summary>The files that a model consists of, and the digest of them all. Every file is read once, whatever its size; a stamp of size and time would miss an edit that keeps both.</summary>
internal static class ModelFiles
{
    /// <summary>Records the model and the files of its external data, each with a digest of its own; returns the digest of the whole.</summary>
    /// <exception cref="HaqException">External data is missing (HAQ0304).</exception>
    public static string Record(InputLedger inputs, OnnxModel model, string path)
    {
        string digest = inputs.DigestOf(path);
        inputs.Add("model", path, digest, isFile: true);
        string[] data = [.. model.DataFiles().Select(inputs.DigestOf)];
        for (int i = 0; i < data.Length; i++) inputs.Add($"model.data.{i}", model.DataFiles()[i], data[i], isFile: true);
        return Joined(digest, data);
    }

    /// <summary>The bytes of a model's file and of its external data.</summary>
    public static long Bytes(string path, OnnxModel model) => new FileInfo(path).Length + model.DataFiles().Sum(f => new FileInfo(f).Length);

    /// <summary>The digest of a written model with its external data.</summary>
    public static string Digest(string path) =>
        Joined(FileDigest.Compute(path), File.Exists(path + ModelSaveOptions.DataSuffix) ? [FileDigest.Compute(path + ModelSaveOptions.DataSuffix)] : []);

    // A model in one file has that file's own SHA-256, which anybody can compute.
    private static string Joined(string model, IReadOnlyList<string> data)
    {
        if (data.Count == 0) return model;
        using var key = new StageKeyBuilder("model", 1);
        key.Add("file", model);
        foreach (string file in data) key.Add("data", file);
        return key.Build().Digest;
    }
}
