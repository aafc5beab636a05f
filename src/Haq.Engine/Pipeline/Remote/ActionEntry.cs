using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;

namespace Haq.Engine.Pipeline.Remote;

/// <summary>
/// What stands under <c>/ac/</c>: an <c>ActionResult</c> of the remote execution API (build.bazel.remote.execution.v2), which servers may check, with one output file, the archive of an entry.
/// Its output holds what else has to be known before the archive is fetched.
/// </summary>
/// <param name="Key">The stage and its key, <c>STAGE/DIGEST</c>: an entry that stands in another's place is seen by it.</param>
/// <param name="Archive">SHA-256 of the archive.</param>
/// <param name="ArchiveBytes">Its size.</param>
/// <param name="Bytes">The size of all files in it.</param>
/// <param name="Signature">HMAC-SHA-256 of all the above with the secret that a team shares; empty where there is none.</param>
internal sealed record ActionEntry(string Key, string Archive, long ArchiveBytes, long Bytes, string Signature = "")
{
    /// <summary>More than this is no entry.</summary>
    public const int MaxBytes = 1 << 16;

    private const string FileEnd = ".tar.br";
    private const string Mark = "haq-entry 1";

    // Field numbers of remote_execution.proto: ActionResult.output_files 2, .stdout_raw 5; OutputFile.path 1, .digest 2; Digest.hash 1, .size_bytes 2.
    private static readonly uint s_files = Tag(2), s_output = Tag(5), s_path = Tag(1), s_digest = Tag(2), s_hash = Tag(1), s_size = WireFormat.MakeTag(2, WireFormat.WireType.Varint);

    /// <summary>Where the entry of a key stands.</summary>
    public static string PlaceOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    public ActionEntry Signed(byte[]? secret) => this with { Signature = secret is null ? "" : SignatureBy(secret) };

    /// <summary>Whether somebody who knows the secret wrote this.</summary>
    public bool IsSignedBy(byte[] secret) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Signature), Encoding.UTF8.GetBytes(SignatureBy(secret)));

    public byte[] Write() => Message(result =>
    {
        result.WriteTag(s_files);
        result.WriteBytes(ByteString.CopyFrom(Message(file =>
        {
            file.WriteTag(s_path);
            file.WriteString(Key + FileEnd);
            file.WriteTag(s_digest);
            file.WriteBytes(ByteString.CopyFrom(Message(digest =>
            {
                digest.WriteTag(s_hash);
                digest.WriteString(Archive);
                digest.WriteTag(s_size);
                digest.WriteInt64(ArchiveBytes);
            })));
        })));
        result.WriteTag(s_output);
        result.WriteBytes(ByteString.CopyFromUtf8(string.Create(CultureInfo.InvariantCulture, $"{Mark}\nbytes {Bytes}\nsignature {Signature}\n")));
    });

    /// <summary>Reads what <see cref="Write"/> wrote; what servers add is passed over.</summary>
    /// <exception cref="RemoteFailure">It is something else.</exception>
    public static ActionEntry Read(byte[] message)
    {
        try
        {
            byte[]? file = null;
            string output = "";
            Walk(message, (tag, input) =>
            {
                if (tag == s_files) file = file is null ? input.ReadBytes().ToByteArray() : throw Foreign("has several files");
                else if (tag == s_output) output = input.ReadBytes().ToStringUtf8();
                else input.SkipLastField();
            });
            var (path, digest) = ("", Array.Empty<byte>());
            Walk(file ?? throw Foreign("has no file"), (tag, input) =>
            {
                if (tag == s_path) path = input.ReadString();
                else if (tag == s_digest) digest = input.ReadBytes().ToByteArray();
                else input.SkipLastField();
            });
            var (hash, size) = ("", -1L);
            Walk(digest, (tag, input) =>
            {
                if (tag == s_hash) hash = input.ReadString();
                else if (tag == s_size) size = input.ReadInt64();
                else input.SkipLastField();
            });
            return Of(path, hash, size, output);
        }
        catch (InvalidProtocolBufferException)
        {
            throw Foreign("is no ActionResult");
        }
    }

    private static ActionEntry Of(string path, string hash, long size, string output)
    {
        string[] lines = output.Split('\n');
        bool isOurs = lines is [Mark, _, _, ""] && path.EndsWith(FileEnd, StringComparison.Ordinal) && size > 0 && hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower);
        return isOurs && ValueOf(lines[1], "bytes ") is { } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes)
            && ValueOf(lines[2], "signature ") is { } signature
            ? new ActionEntry(path[..^FileEnd.Length], hash, size, bytes, signature)
            : throw Foreign("is not what this version of haq writes");
    }

    private static string? ValueOf(string line, string name) => line.StartsWith(name, StringComparison.Ordinal) ? line[name.Length..] : null;

    private string SignatureBy(byte[] secret) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Mark}\n{Key}\n{Archive}\n{ArchiveBytes}\n{Bytes}\n"))));

    private static uint Tag(int field) => WireFormat.MakeTag(field, WireFormat.WireType.LengthDelimited);

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true)) write(output);
        return bytes.ToArray();
    }

    private static void Walk(byte[] message, Action<uint, CodedInputStream> field)
    {
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0) field(tag, input);
    }

    private static RemoteFailure Foreign(string what) => new($"an entry {what}", RemoteTrouble.Damaged);
}
