using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Mercato.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class KeptConversations : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "kept_conversations",
                columns: table => new
                {
                    account_id = table.Column<string>(type: "TEXT", nullable: false),
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    sealed_metadata = table.Column<byte[]>(type: "BLOB", nullable: true),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_kept_conversations", x => new { x.account_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "kept_turns",
                columns: table => new
                {
                    account_id = table.Column<string>(type: "TEXT", nullable: false),
                    conversation_id = table.Column<string>(type: "TEXT", nullable: false),
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    sealed_items = table.Column<byte[]>(type: "BLOB", nullable: false),
                    holder = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_kept_turns", x => new { x.account_id, x.conversation_id, x.id });
                    table.ForeignKey(
                        name: "fk_kept_turns_kept_conversations_account_id_conversation_id",
                        columns: x => new { x.account_id, x.conversation_id },
                        principalTable: "kept_conversations",
                        principalColumns: new[] { "account_id", "id" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_kept_conversations_expires_at",
                table: "kept_conversations",
                column: "expires_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "kept_turns");

            migrationBuilder.DropTable(
                name: "kept_conversations");
        }
    }
}
