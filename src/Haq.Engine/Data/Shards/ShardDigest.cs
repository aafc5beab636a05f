using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Haq.Engine.Data.Shards;

/// <summary>What a list of shards holds, as one SHA-256: of each shard's name and digest, in the list's order. How the list is written, and what it says beside the names, is no part of it.</summary>
internal static class ShardDigest
{
    /// <param name="shards">The list's lines.</param>
    /// <param name="digestOf">The SHA-256 of a path's content.</param>
    /// <exception cref="Diagnostics.HaqException">A shard is not what the list says (HAQ0112).</exception>
    public static string Of(ImmutableArray<Shard> shards, Func<string, string> digestOf)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("shards 1\n"u8);
        foreach (var shard in shards)
        {
            string digest = DataErrors.Guard(shard.File, () => digestOf(shard.File.FullPath));
            shard.CheckDigest(digest);
            hash.AppendData(Encoding.UTF8.GetBytes($"{digest} {shard.File.Text.Length} {shard.File.Text}\n"));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
