using Google.Protobuf;
using Haq.Engine.Pipeline.Remote;

namespace Haq.Engine.Tests.Pipeline.Remote;

public sealed class ActionEntryTests
{
    private static readonly string s_hash = new('a', 64);
    private static readonly ActionEntry s_entry = new("stage/0123", s_hash, 300, 4000);

    // Written out by the wire format: field 2 (0x12) is an OutputFile, its field 1 a path, its field 2 a Digest with the hash in 1 and the size in 2; field 5 (0x2A) is stdout_raw.
    [Fact]
    public void It_is_an_action_result_of_the_remote_execution_api()
    {
        byte[] message = s_entry.Write();
        var expected = new List<byte>();
        byte[] path = "stage/0123.tar.br"u8.ToArray(), output = "haq-entry 1\nbytes 4000\nsignature \n"u8.ToArray();
        byte[] digest = [0x0A, 64, .. System.Text.Encoding.ASCII.GetBytes(s_hash), 0x10, 0xAC, 0x02];
        byte[] file = [0x0A, (byte)path.Length, .. path, 0x12, (byte)digest.Length, .. digest];
        expected.AddRange([0x12, (byte)file.Length, .. file, 0x2A, (byte)output.Length, .. output]);
        Assert.Equal(expected, message);
    }

    [Fact]
    public void What_is_written_is_read_and_what_a_server_adds_is_passed_over()
    {
        using var bytes = new MemoryStream();
        bytes.Write(s_entry.Write());
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
        {
            // exit_code 4, and execution_metadata 9 with the worker in 1.
            output.WriteTag(4, WireFormat.WireType.Varint);
            output.WriteInt32(0);
            output.WriteTag(9, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(0x0A, 1, (byte)'w'));
        }
        Assert.Equal(s_entry, ActionEntry.Read(bytes.ToArray()));
    }

    [Fact]
    public void Any_cut_or_changed_byte_is_seen_or_changes_what_is_asked_for()
    {
        byte[] whole = s_entry.Write();
        for (int length = 0; length < whole.Length; length++) Assert.Throws<RemoteFailure>(() => ActionEntry.Read(whole[..length]));
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] changed = [.. whole];
            changed[at] ^= 0x55;
            try
            {
                Assert.NotEqual(s_entry, ActionEntry.Read(changed));
            }
            catch (RemoteFailure e)
            {
                Assert.Equal(RemoteTrouble.Damaged, e.Trouble);
            }
        }
    }

    [Fact]
    public void A_signature_holds_for_all_parts_and_one_secret()
    {
        byte[] secret = "ours"u8.ToArray();
        var signed = s_entry.Signed(secret);
        Assert.True(ActionEntry.Read(signed.Write()).IsSignedBy(secret));
        Assert.False(signed.IsSignedBy("theirs"u8.ToArray()));
        Assert.False(s_entry.IsSignedBy(secret));
        ActionEntry[] others = [signed with { Key = "stage/0124" }, signed with { Archive = new('b', 64) }, signed with { ArchiveBytes = 301 }, signed with { Bytes = 4001 }];
        Assert.All(others, o => Assert.False(o.IsSignedBy(secret)));
    }
}
