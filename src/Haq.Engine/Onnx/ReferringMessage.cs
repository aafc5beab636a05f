namespace Haq.Engine.Onnx;

/// <summary>A serialized model whose large constants are in files.</summary>
/// <param name="Bytes">The message.</param>
/// <param name="Folder">Where the files are; null for a message that refers to none.</param>
/// <param name="Kept">What keeps the files for as long as the message is used.</param>
internal sealed record ReferringMessage(byte[] Bytes, string? Folder, object? Kept);
